"""Applies to one target: the inventory is widened before the first write, and narrowed after the last delete."""

from __future__ import annotations

from dataclasses import replace

from mlgitops.errors import NothingWrittenError, StalePlanError
from mlgitops.plan.bookkeeping import narrowed, widened
from mlgitops.plan.change import Action, TargetPlan
from mlgitops.plan.ledger import observed
from mlgitops.plan.order import in_apply_order
from mlgitops.plan.outcome import ObjectOutcome, Result, TargetOutcome
from mlgitops.targets import Inventory, is_rendered
from mlgitops.workflows.apply.course import Course
from mlgitops.workflows.apply.performing import Performed, perform
from mlgitops.workflows.apply.preparation import Prepared, Unreachable
from mlgitops.workflows.apply.record import finished, started
from mlgitops.workflows.sites import CANNOT, reason


def apply_to(course: Course, ready: Prepared | Unreachable) -> TargetOutcome:
    """What became of the changes of one target, whose lock is given back as soon as they are done."""
    if isinstance(ready, Unreachable):
        return _untouched(ready.plan, ready.error)
    course.interruption.check()
    outcome = TargetOutcome(ready.plan.target) if ready.plan.is_empty else _applied(course, ready)
    try:
        ready.held.close()
    except CANNOT as error:
        return replace(outcome, error=outcome.error or reason(error))
    return outcome


def _applied(course: Course, ready: Prepared) -> TargetOutcome:
    try:
        _require_rights(ready)
        ready.connection.record(started(course.plan, ready.plan, course.now()))
        inventory = widened(ready.inventory, ready.plan, course.plan.commit)
        ready.connection.write_inventory(inventory)
    except CANNOT as error:
        return _untouched(ready.plan, reason(error))
    done = perform(course, ready)
    outcome = TargetOutcome(ready.plan.target, done.objects, waited=done.waited)
    try:
        _close(course, ready, inventory, done)
    except (NothingWrittenError, StalePlanError) as error:
        return _untouched(ready.plan, reason(error))
    except CANNOT as error:
        return replace(outcome, error=reason(error))
    return outcome


def _require_rights(ready: Prepared) -> None:
    """Raises ``NotAuthorisedError`` where a right is missing for anything that is to be done."""
    changes = ready.plan.changes
    written, deleted = (
        [one.identity for one in changes if one.writes],
        [one.identity for one in changes if one.deletes],
    )
    ready.connection.require_rights(written, deleted)


def _untouched(target: TargetPlan, why: str) -> TargetOutcome:
    changes = in_apply_order(target.changes)
    skipped = (ObjectOutcome(one.identity, one.action, one.owner, Result.SKIPPED, why) for one in changes)
    return TargetOutcome(target.target, tuple(skipped), why)


def _close(course: Course, ready: Prepared, inventory: Inventory, done: Performed) -> None:
    """Records what was done and narrows the inventory. A target that is all or nothing is written only now."""
    undone = {one.identity for one in done.objects if one.result is not Result.DONE}
    after = _with_ends(narrowed(inventory, ready.plan, undone, done.written), ready)
    time = course.now()
    if not undone:
        after = replace(after, commit=course.plan.commit, applied_at=time, begun="")
    ready.connection.record(finished(course.plan, ready.plan, done.objects, time))
    ready.connection.write_inventory(after)


def _with_ends(inventory: Inventory, ready: Prepared) -> Inventory:
    """The inventory with the ends of those runs that were there before and stayed as they were."""
    if is_rendered(ready.plan.connection):
        return inventory
    kept = {change.identity for change in ready.plan.changes if change.action is Action.UNCHANGED}
    return observed(inventory, {one: live for one, live in ready.live.items() if one in kept})
