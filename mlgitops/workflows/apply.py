"""Apply: check everything, widen the inventory, write in order, delete in reverse, narrow the inventory, record it.

Nothing is written anywhere before every target was locked and checked. What fails is collected; what does not depend on
it goes on. A crash at any moment leaves a state from which planning and applying again converges.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any

from mlgitops.errors import MlgitopsError, NotAuthorisedError, NothingWrittenError, StalePlanError, TargetError
from mlgitops.manifest import Identity
from mlgitops.plan.bookkeeping import narrowed, widened
from mlgitops.plan.change import Action, Change, Plan, TargetPlan
from mlgitops.plan.guards import NO_CONSENT, Consent, check_inside, check_plan, check_target
from mlgitops.plan.guards.container import emptied
from mlgitops.plan.ledger import observed
from mlgitops.plan.order import in_apply_order, in_batches, waits_for
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.plan.waves import dependencies, waves
from mlgitops.targets import Connection, Inventory, InventoryEntry, Live, is_rendered

Progress = Callable[[Change], None]
_CANNOT = (TargetError, NotAuthorisedError)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A target that is locked and checked; ``error`` says why it cannot be reached."""

    plan: TargetPlan
    connection: Connection
    inventory: Inventory | None = None
    live: Mapping[Identity, Live] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Step:
    """A change, what became of it, and what the inventory has to say of the object then."""

    change: Change
    outcome: ObjectOutcome
    entry: InventoryEntry | None = None


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
        done = tuple(_applied(plan, target, now, progress, consent) for target in ready)
    return Outcome(plan.environment, plan.commit, done)


def _prepared(plan: Plan, target: TargetPlan, connection: Connection, consent: Consent, locks: ExitStack) -> _Ready:
    try:
        locks.enter_context(connection.lock())
        inventory = connection.inventory()
        live = connection.live([change.identity for change in target.changes])
        inside = {change.identity: connection.inside(change.identity) for change in emptied(target)}
    except _CANNOT as error:
        return _Ready(target, connection, error=_reason(error))
    check_target(plan, target, inventory, live, consent)
    check_inside(target, inside)
    return _Ready(target, connection, inventory, live)


def _applied(plan: Plan, ready: _Ready, now: Callable[[], str], progress: Progress, consent: Consent) -> TargetOutcome:
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
    steps = _perform(ready, progress, consent)
    objects = tuple(step.outcome for step in steps)
    try:
        _close(plan, ready, inventory, steps, now())
    except (NothingWrittenError, StalePlanError) as error:
        return _untouched(ready.plan, _reason(error))
    except _CANNOT as error:
        return TargetOutcome(ready.plan.target, objects, _reason(error))
    return TargetOutcome(ready.plan.target, objects)


def _untouched(target: TargetPlan, reason: str) -> TargetOutcome:
    skipped = tuple(_object(change, Result.SKIPPED, reason) for change in in_apply_order(target.changes))
    return TargetOutcome(target.target, skipped, reason)


def _perform(ready: _Ready, progress: Progress, consent: Consent) -> list[_Step]:
    """Does the changes, as many at once as the target takes; the same order of outcomes every time."""
    steps: list[_Step] = []
    depends_on = dependencies(ready.plan.changes)
    batches = chain.from_iterable(map(in_batches, waves(ready.plan.changes, depends_on)))
    with _pool(ready.connection.width) as mapped:
        for batch in batches:
            undone = [step.change for step in steps if step.outcome.result is not Result.DONE]
            for step in mapped(partial(_one, ready.connection, undone, depends_on, consent), batch):
                steps.append(step)
                progress(step.change)
    return steps


@contextmanager
def _pool(width: int) -> Iterator[Callable[[Callable[[Change], _Step], Iterable[Change]], Iterable[_Step]]]:
    """A ``map`` that works on several items at once. After an exception, such as an interrupt, it starts no more."""
    if width == 1:
        yield map
        return
    pool = ThreadPoolExecutor(width)
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)


def _one(
    connection: Connection,
    undone: list[Change],
    depends_on: Mapping[str, Collection[str]],
    consent: Consent,
    change: Change,
) -> _Step:
    needed = depends_on.get(change.owner, ())
    blocker = next((one for one in undone if waits_for(change, one) or (change.writes and one.owner in needed)), None)
    if blocker is not None:
        return _Step(change, _object(change, Result.SKIPPED, f"waits for {blocker.identity}"))
    try:
        entry = _do(connection, change, consent)
    except MlgitopsError as error:
        return _Step(change, _object(change, Result.FAILED, _reason(error)))
    return _Step(change, _object(change, Result.DONE), entry)


def _do(connection: Connection, change: Change, consent: Consent) -> InventoryEntry | None:
    if change.deletes:
        connection.delete(change.identity, change.live_version)
    if change.desired is None:
        return None
    expected = "" if change.deletes else change.live_version
    return connection.put(change.desired, expected, force=consent.force_conflicts)


def _close(plan: Plan, ready: _Ready, inventory: Inventory, steps: list[_Step], time: str) -> None:
    """Records what was done and narrows the inventory. A target that is all or nothing is written only now."""
    objects = tuple(step.outcome for step in steps)
    undone = {one.identity for one in objects if one.result is not Result.DONE}
    written = {step.change.identity: step.entry for step in steps if step.entry is not None}
    after = _with_ends(narrowed(inventory, ready.plan, undone, written), ready)
    if not undone:
        after = replace(after, commit=plan.commit, applied_at=time)
    ready.connection.record(_finished(plan, ready.plan, objects, time))
    ready.connection.write_inventory(after)


def _with_ends(inventory: Inventory, ready: _Ready) -> Inventory:
    """The inventory with the ends of those runs that were there before and stayed as they were."""
    if is_rendered(ready.plan.connection):
        return inventory
    kept = {change.identity for change in ready.plan.changes if change.action is Action.UNCHANGED}
    return observed(inventory, {one: live for one, live in ready.live.items() if one in kept})


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
