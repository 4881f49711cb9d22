"""The gate that is there wherever an environment has a budget: what a release costs fits into it. Pure."""

from __future__ import annotations

from dataclasses import replace

from mlgitops.plan.change import Plan
from mlgitops.plan.guards.over_budget import dearer
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.judgement import GateResult, Judgement, Verdict

NAME = "budget"


def within_budget(judgement: Judgement, kind: Kind, plan: Plan) -> Judgement:
    """The judgement with the gate, where the environment has a budget. What makes nothing dearer always passes, and a
    rollback is never kept out."""
    spending = plan.spending
    if spending is None or not kind.changes_release:
        return judgement
    budget, currency = spending.budget, spending.currency
    more = dearer(plan)
    passes = not spending.is_over or more <= 0
    blocks = budget.level == "block" and kind is not Kind.ROLLBACK
    verdict = Verdict.OK if passes else Verdict.BLOCK if blocks else Verdict.WARN
    told = f"the environment would cost {more:+,.2f} {currency} a month more or less than now"
    if spending.cost.unpriced:
        told += f"; no price for {', '.join(spending.cost.unpriced[:3])}"
    value, bound = f"{spending.monthly:,.2f} {currency} a month", f"at most {budget.monthly:,.2f}"
    return replace(judgement, gates=(*judgement.gates, GateResult(NAME, verdict, value, bound, told)))
