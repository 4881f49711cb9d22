"""Plans: what has to happen at each target, as complete frozen data. Pure: no clock, no environment, no files."""

from __future__ import annotations

from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Plan, TargetPlan
from mlgitops.plan.compare import compare, plan_target
from mlgitops.plan.drift import Drifted, DriftReport
from mlgitops.plan.guards import Consent
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.plan.summary import Summary, Totals, summarise

__all__ = [
    "ABSENT", "Action", "Change", "Consent", "DriftReport", "Drifted", "FieldChange", "Impact", "ObjectOutcome",
    "Outcome", "Plan", "Result", "Summary", "TargetOutcome", "TargetPlan", "Totals", "compare", "plan_target",
    "summarise",
]  # fmt: skip
