"""Apply: check everything, widen the inventory, write in order, delete in reverse, narrow the inventory, record it.

Nothing is written anywhere before every target was locked and checked. What fails is collected; what does not depend on
it goes on. A crash at any moment leaves a state from which planning and applying again converges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from mlgitops.errors import MlgitopsError, NotAuthorisedError, NothingWrittenError, StalePlanError, TargetError
from mlgitops.plan.bookkeeping import narrowed, widened
from mlgitops.plan.change import Action, Change, Plan, TargetPlan
from mlgitops.plan.guards import NO_CONSENT, Consent, check_plan, check_target
from mlgitops.plan.order import in_apply_order, waits_for
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.targets import Connection, Inventory

Progress = Callable[[Change], None]
_CANNOT = (TargetError, NotAuthorisedError)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A target that is locked and checked; ``error`` says why it cannot be reached."""

    plan: TargetPlan
    connection: Connection
    inventory: Inventory | None = None
    error: str = ""


def apply(
    plan: Plan,
    connections: Mapping[str, Connection],
    now: Callable[[], str],
    progress: Progress,
    consent: Consent = NO_CONSENT,
) -> Outcome:
    """Does what the plan says and nothing else.

    ``connections`` has one for each target of the plan; ``now`` gives the time as RFC 3339; ``progress`` is called
    after each object. Raises ``StalePlanError`` and ``GuardError`` before anything is written anywhere. A target that
    cannot be locked or read fails alone.
    """
    check_plan(plan)
    with ExitStack() as locks:
        ready = [_prepared(plan, target, connections[target.target], consent, locks) for target in plan.targets]
        done = tuple(_applied(plan, target, now, progress) for target in ready)
    return Outcome(plan.environment, plan.commit, done)


def _prepared(plan: Plan, target: TargetPlan, connection: Connection, consent: Consent, locks: ExitStack) -> _Ready:
    try:
        locks.enter_context(connection.lock())
        inventory = connection.inventory()
        live = connection.live([change.identity for change in target.changes])
    except _CANNOT as error:
        return _Ready(target, connection, error=_reason(error))
    check_target(plan, target, inventory, live, consent)
    return _Ready(target, connection, inventory)


def _applied(plan: Plan, ready: _Ready, now: Callable[[], str], progress: Progress) -> TargetOutcome:
    if ready.inventory is None:
        return _untouched(ready.plan, ready.error)
    if ready.plan.is_empty:
        return TargetOutcome(ready.plan.target)
    try:
        ready.connection.record(_started(plan, ready.plan, now()))
        inventory = widened(ready.inventory, ready.plan)
        ready.connection.write_inventory(inventory)
    except _CANNOT as error:
        return _untouched(ready.plan, _reason(error))
    objects = _perform(ready, progress)
    try:
        _close(plan, ready, inventory, objects, now())
    except (NothingWrittenError, StalePlanError) as error:
        return _untouched(ready.plan, _reason(error))
    except _CANNOT as error:
        return TargetOutcome(ready.plan.target, objects, _reason(error))
    return TargetOutcome(ready.plan.target, objects)


def _untouched(target: TargetPlan, reason: str) -> TargetOutcome:
    skipped = tuple(_object(change, Result.SKIPPED, reason) for change in in_apply_order(target.changes))
    return TargetOutcome(target.target, skipped, reason)


def _perform(ready: _Ready, progress: Progress) -> tuple[ObjectOutcome, ...]:
    objects: list[ObjectOutcome] = []
    undone: list[Change] = []
    for change in in_apply_order(ready.plan.changes):
        outcome = _one(ready.connection, change, undone)
        objects.append(outcome)
        if outcome.result is not Result.DONE:
            undone.append(change)
        progress(change)
    return tuple(objects)


def _one(connection: Connection, change: Change, undone: list[Change]) -> ObjectOutcome:
    blocker = next((earlier for earlier in undone if waits_for(change, earlier)), None)
    if blocker is not None:
        return _object(change, Result.SKIPPED, f"waits for {blocker.identity}")
    try:
        _do(connection, change)
    except MlgitopsError as error:
        return _object(change, Result.FAILED, _reason(error))
    return _object(change, Result.DONE)


def _do(connection: Connection, change: Change) -> None:
    if change.action is Action.DELETE:
        connection.delete(change.identity, change.live_digest)
    elif change.desired is not None:
        connection.put(change.desired, change.live_digest)


def _close(plan: Plan, ready: _Ready, inventory: Inventory, objects: tuple[ObjectOutcome, ...], time: str) -> None:
    """Records what was done and narrows the inventory. A target that is all or nothing is written only now."""
    undone = {one.identity for one in objects if one.result is not Result.DONE}
    after = narrowed(inventory, ready.plan, undone)
    if not undone:
        after = replace(after, commit=plan.commit, applied_at=time)
    ready.connection.record(_finished(plan, ready.plan, objects, time))
    ready.connection.write_inventory(after)


def _started(plan: Plan, target: TargetPlan, time: str) -> dict[str, Any]:
    planned = [{"object": str(c.identity), "action": c.action} for c in in_apply_order(target.changes)]
    return {**_event("apply started", plan, target, time), "changes": planned}


def _finished(plan: Plan, target: TargetPlan, objects: tuple[ObjectOutcome, ...], time: str) -> dict[str, Any]:
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


def _object(change: Change, result: Result, reason: str = "") -> ObjectOutcome:
    return ObjectOutcome(change.identity, change.action, change.owner, result, reason)


def _reason(error: MlgitopsError) -> str:
    return f"{error.message}. {error.help}" if error.help else error.message
