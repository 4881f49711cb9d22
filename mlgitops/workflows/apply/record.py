"""What the audit log is told of an apply: what was about to be done, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.order import in_apply_order
from mlgitops.plan.outcome import ObjectOutcome


def started(plan: Plan, target: TargetPlan, time: str) -> dict[str, Any]:
    """The entry before the first write: every object with what is to happen to it."""
    planned = [{"object": str(c.identity), "action": c.action} for c in in_apply_order(target.changes)]
    return {**_event("apply started", plan, target, time), "changes": planned}


def finished(plan: Plan, target: TargetPlan, objects: Iterable[ObjectOutcome], time: str) -> dict[str, Any]:
    """The entry after the last write: every object with its result and, where it was not done, the reason."""
    results = [{"object": str(o.identity), "action": o.action, "result": o.result, "reason": o.reason} for o in objects]
    return {**_event("apply finished", plan, target, time), "results": results}


def _event(event: str, plan: Plan, target: TargetPlan, time: str) -> dict[str, Any]:
    return {
        "event": event,
        "time": time,
        "project": plan.project,
        "environment": plan.environment,
        "target": target.target,
        "commit": plan.commit,
        "renderedDigest": plan.rendered_digest,
        "version": plan.version,
    }
