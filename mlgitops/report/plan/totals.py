"""The totals of a plan in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from mlgitops.plan.change import Action, Change, Impact, Plan, TargetPlan
from mlgitops.plan.summary import Totals, summarise
from mlgitops.report import inert
from mlgitops.report.commit import named
from mlgitops.report.findings import counted

MEANING = {
    Impact.NONE: "",
    Impact.SERVING_ONLY: "nothing restarts",
    Impact.ROLLOUT: "pods start or are replaced",
    Impact.RETRAIN: "trains again",
    Impact.REMOVES: "stops what runs",
    Impact.DESTROYS_DATA: "data is lost",
}
"""What each impact means for what runs."""


def action_totals(totals: Totals) -> str:
    """``3 to create, 2 to change, 1 to remove, 40 unchanged``."""
    words = {"to create": Action.CREATE, "to change": Action.UPDATE, "to remove": Action.DELETE}
    parts = [f"{totals.actions[action]:,} {text}" for text, action in words.items()]
    parts += [f"{totals.actions[Action.REPLACE]:,} to replace"] if totals.actions[Action.REPLACE] else []
    return ", ".join([*parts, f"{totals.actions[Action.UNCHANGED]:,} unchanged"])


def impact_totals(totals: Totals) -> str:
    """``1 rollout (pods are replaced), 2 serving-only (nothing restarts)``, the gravest first; empty for none."""
    found = [impact for impact in reversed(Impact) if totals.impacts[impact] and impact is not Impact.NONE]
    return ", ".join(f"{totals.impacts[impact]:,} {impact} ({MEANING[impact]})" for impact in found)


def gravest(changes: Iterable[Change]) -> Impact:
    """The gravest impact of some changes."""
    return max((change.impact for change in changes), key=lambda impact: impact.severity, default=Impact.NONE)


def heading(plan: Plan) -> str:
    """What the plan is of: environment, project and commit."""
    commit = f", commit {named(plan.commit)}" if plan.commit else ""
    return inert.line(f"Plan for environment {plan.environment} of {plan.project}{commit}")


def left_out(plan: Plan) -> str:
    """What a selection left out; empty where there is none."""
    if not plan.selection:
        return ""
    return inert.line(f"Left out: {counted(plan.left_out, 'object')} outside of {' '.join(plan.selection)}.")


def unread(plan: Plan) -> str:
    """How many targets could not be read, and which; empty for none."""
    if not plan.unread:
        return ""
    names = ", ".join(target.target for target in plan.unread)
    return inert.line(f"{len(plan.unread)} of {counted(len(plan.targets), 'target')} could not be read: {names}.")


def remarks(target: TargetPlan) -> Iterator[str]:
    """What there is to do besides changes of objects."""
    if target.released:
        names = ", ".join(str(one) for one in target.released[:3]) + (", …" if len(target.released) > 3 else "")
        yield inert.line(
            f"{counted(len(target.released), 'object')} only forgotten, being gone or not ours any more: {names}"
        )
    if not target.settled:
        yield "The last apply did not come to its end; the next one completes it."


def by_owner(target: TargetPlan) -> list[tuple[str, list[Change]]]:
    """The changes that do something, by the model or pipeline that they belong to."""
    pending = sorted(target.pending, key=lambda change: (change.owner, change.identity))
    return [(owner, list(changes)) for owner, changes in groupby(pending, key=lambda change: change.owner)]


def of_plan(plan: Plan) -> Totals:
    """The totals of all targets."""
    return summarise(plan).total
