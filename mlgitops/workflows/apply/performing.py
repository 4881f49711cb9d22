"""Performs the changes of one target: wave by wave, in apply order, several at once.

Between two waves, what the later ones depend on is waited for; before a model's route is written, what it leads to.
What depends on something that failed, was skipped or did not become ready is skipped; everything else goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity
from mlgitops.plan.change import Change
from mlgitops.plan.order import in_batches, waits_for
from mlgitops.plan.outcome import ObjectOutcome, Result
from mlgitops.plan.routes import led_to
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.plan.waves import dependencies, waves
from mlgitops.targets import Connection, InventoryEntry, is_rendered
from mlgitops.targets.at_once import pool
from mlgitops.workflows.apply.course import Course
from mlgitops.workflows.apply.preparation import Prepared
from mlgitops.workflows.sites import reason
from mlgitops.workflows.wait import wait_for

DependsOn = Mapping[str, Collection[str]]
Routes = Mapping[Identity, Sequence[Change]]


@dataclass(frozen=True, slots=True)
class Step:
    """A change, what became of it, and what the inventory has to say of the object then."""

    change: Change
    outcome: ObjectOutcome
    entry: InventoryEntry | None = None


@dataclass
class Performed:
    """What was done so far, in the order of the plan, and what was waited for."""

    steps: list[Step] = field(default_factory=list)
    waited: tuple[Waited, ...] = ()

    @property
    def objects(self) -> tuple[ObjectOutcome, ...]:
        """What became of each object."""
        return tuple(step.outcome for step in self.steps)

    @property
    def written(self) -> Mapping[Identity, InventoryEntry]:
        """What the inventory has to say of each object that was written."""
        return {step.change.identity: step.entry for step in self.steps if step.entry is not None}

    @property
    def undone(self) -> list[Change]:
        """The changes that failed or were skipped."""
        return [step.change for step in self.steps if step.outcome.result is not Result.DONE]

    @property
    def unready(self) -> list[Waited]:
        """What was waited for and did not become ready."""
        return [one for one in self.waited if not one.succeeded]


def perform(course: Course, ready: Prepared) -> Performed:
    """Does the changes, as many at once as the target takes; the same order of outcomes every time."""
    done = Performed()
    depends_on, routes = dependencies(ready.plan.changes), led_to(ready.plan.changes)
    ahead = waves(ready.plan.changes, depends_on)
    with pool(ready.connection.width) as mapped:
        while ahead:
            wave, *ahead = ahead
            for batch in in_batches(wave):
                done.waited += _awaited(course, ready, done, _behind(batch, done, routes))
                obstacles = _Obstacles(done.undone, done.unready, depends_on, routes)
                attempt = partial(_attempt, course, ready.connection, obstacles)
                for step in mapped(attempt, batch):
                    done.steps.append(step)
                    course.progress(replace(step.outcome, target=ready.plan.target))
            needed = _needed(ahead, depends_on)
            done.waited += _awaited(course, ready, done, [one for one in done.objects if one.owner in needed])
    return done


def _needed(ahead: Sequence[Sequence[Change]], depends_on: DependsOn) -> set[str]:
    """The owners that what is ahead depends on."""
    return {owner for wave in ahead for change in wave if change.writes for owner in depends_on.get(change.owner, ())}


def _behind(batch: Sequence[Change], done: Performed, routes: Routes) -> list[ObjectOutcome]:
    """What the routes in a batch lead to, changed or not, without what could not be written."""
    failed = {change.identity for change in done.undone}
    reached = [service for change in batch for service in routes.get(change.identity, ())]
    return [_object(one, Result.DONE) for one in reached if one.identity not in failed]


def _awaited(course: Course, ready: Prepared, done: Performed, objects: Sequence[ObjectOutcome]) -> tuple[Waited, ...]:
    """Waits until objects are ready, each once; not where the target is files."""
    if course.patience is None or is_rendered(ready.plan.connection):
        return ()
    before = {one.identity for one in done.waited}
    written = tuple(one for one in objects if one.identity not in before)
    target, patience = ready.plan.target, course.patience
    return wait_for({target: written}, {target: ready.connection}, patience.clock, patience.terms, patience.progress)


@dataclass(frozen=True, slots=True)
class _Obstacles:
    """What keeps changes from being made, should they depend on it."""

    undone: Sequence[Change]
    unready: Sequence[Waited]
    depends_on: DependsOn
    routes: Routes

    def before(self, change: Change) -> Iterator[str]:
        """Why a change has to be skipped; nothing where it can be made."""
        needed = self.depends_on.get(change.owner, ()) if change.writes else ()
        for other in self.undone:
            if waits_for(change, other) or other.owner in needed:
                yield f"waits for {other.identity}"
        reached = {service.identity for service in self.routes.get(change.identity, ())}
        for one in self.unready:
            if one.owner in needed or one.identity in reached:
                yield f"waits for {one.identity}, {_unready(one)}"


def _unready(one: Waited) -> str:
    what = "which failed" if one.readiness is Readiness.FAILED else f"which is not ready after {one.seconds:.0f} s"
    return f"{what}: {one.health.reason}" if one.health.reason else what


def _attempt(course: Course, connection: Connection, obstacles: _Obstacles, change: Change) -> Step:
    course.interruption.check()
    obstacle = next(obstacles.before(change), None)
    if obstacle is not None:
        return Step(change, _object(change, Result.SKIPPED, obstacle))
    try:
        entry = _do(connection, change, force=course.consent.forces(change.identity))
    except MlgitopsError as error:
        return Step(change, _object(change, Result.FAILED, reason(error)))
    return Step(change, _object(change, Result.DONE), entry)


def _do(connection: Connection, change: Change, *, force: bool) -> InventoryEntry | None:
    if change.deletes:
        connection.delete(change.identity, change.live_version)
    if change.desired is None:
        return None
    expected = "" if change.deletes else change.live_version
    return connection.put(change.desired, expected, force=force)


def _object(change: Change, result: Result, why: str = "") -> ObjectOutcome:
    return ObjectOutcome(change.identity, change.action, change.owner, result, why)
