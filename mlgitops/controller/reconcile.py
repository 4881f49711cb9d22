"""One attempt at one target: look, decide, apply, wait until it is ready. It comes to a ``Result``, and never raises.

It agrees to nothing that a person has to agree to. What it forces are fields that it had applied itself, on objects
that somebody else changed since: that is what repairing drift means.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from mlgitops.controller import fights, words
from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.goals import Goal
from mlgitops.controller.looking import Look, look
from mlgitops.controller.schedule import Withheld, seconds
from mlgitops.controller.settled import Settled
from mlgitops.controller.state import Result, Word
from mlgitops.errors import GuardError, MlgitopsError, StalePlanError
from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Change, Plan
from mlgitops.plan.guards import Consent
from mlgitops.plan.guards.ancestry import Follows
from mlgitops.plan.health import Health, State, health
from mlgitops.plan.outcome import ObjectOutcome, TargetOutcome
from mlgitops.plan.outcome import Result as Done
from mlgitops.progressive.exposure import ALONE
from mlgitops.targets import Connection, is_rendered
from mlgitops.workflows.apply import apply
from mlgitops.workflows.apply.course import Interruption
from mlgitops.workflows.sites import CANNOT
from mlgitops.workflows.wait import Clock, Patience, Terms, wait_for

TRIES = 3
"""Times that a plan is made anew at once, since something moved while it was applied."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt is about: a goal, why nothing may be written, and what is known of fights.

    ``waits`` is called once nothing more is written, and it only waits until so many objects are ready; who interrupts
    it from then on wants something else than the goal. ``step`` gives a context for each of its steps, ``plan`` and
    ``apply``, which is held while that lasts. ``whole`` says that everything is looked at, however little Git changed.
    ``freed`` are objects, by kind and name, whose fields of a rollout are written although all else is withheld.
    """

    goal: Goal
    withheld: Withheld | None = None
    evidence: tuple[Repair, ...] = ()
    disputed: frozenset[Disputed] = frozenset()
    interruption: Interruption = field(default_factory=Interruption)
    waits: Callable[[int], None] = lambda _objects: None
    step: Callable[[str], AbstractContextManager[None]] = lambda _name: nullcontext()
    whole: bool = False
    freed: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What comes from outside. ``now`` is in seconds since the epoch; ``follows`` asks about the history of commits."""

    connect: Callable[[Goal], Connection]
    follows: Follows
    now: Callable[[], float]
    clock: Clock
    settled: Settled = field(default_factory=Settled)


def reconcile(attempt: Attempt, outside: Surroundings) -> Result:
    """What the attempt came to."""
    commit = attempt.goal.rendering.commit
    try:
        with attempt.step("plan"):
            connection = outside.connect(attempt.goal)
            if outside.settled.holds(attempt.goal, connection):
                return words.in_sync(attempt.goal, connection.inventory())
            changed = outside.settled.changed(attempt.goal)
            found = _looked(attempt, outside, connection, None if attempt.whole else changed)
    except CANNOT as error:
        return Result(Word.UNREACHABLE, error.message, error.help, commit)
    except Exception as error:  # a fault of ours must not stop the other targets
        return words.internal(error, commit)
    try:
        return _Run(attempt, outside, connection).reconciled(found)
    except KeyboardInterrupt:
        return Result(Word.FAILED, "it was stopped before its end", commit=commit, touched=True)
    except MlgitopsError as error:
        return Result(Word.FAILED, error.message, error.help, commit, touched=True)
    except Exception as error:
        return words.internal(error, commit)


def _looked(
    attempt: Attempt, outside: Surroundings, connection: Connection, among: Set[Identity] | None = None
) -> Look:
    found = look(attempt.goal, connection, among)
    outside.settled.note(attempt.goal, found)
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    attempt: Attempt
    outside: Surroundings
    connection: Connection

    def reconciled(self, found: Look) -> Result:
        """What is done about what was found, or about what is found anew where something moved meanwhile."""
        for _ in range(TRIES):
            try:
                return replace(self._tried(found), narrow=found.narrow)
            except StalePlanError as error:
                stale = error
                with self.attempt.step("plan"):
                    found = _looked(self.attempt, self.outside, self.connection)
        return Result(Word.FAILED, stale.message, "it is tried again", self.attempt.goal.rendering.commit)

    def _tried(self, found: Look) -> Result:
        """What one try comes to. Raises ``StalePlanError``."""
        goal = self.attempt.goal
        if found.plan.is_empty:
            return self._ready(found, words.in_sync(goal, found.inventory))
        try:
            if self.attempt.withheld is not None:
                return self._withheld(found, self.attempt.withheld)
            return self._applied(found)
        except GuardError as error:
            return words.refused(goal, found, error)

    def _withheld(self, found: Look, why: Withheld) -> Result:
        """Writes what takes requests away from a release that was aborted, and nothing else."""
        goal = self.attempt.goal
        urgent = {one.identity for one in found.plan.pending if _takes_back(one, self.attempt.freed)}
        if urgent:
            done = self._done(
                self._whole(found).only({found.plan.target: urgent}), Consent(take_back=found.drifted.keys())
            )
            if any(one.result is not Done.DONE for one in done.objects):
                return words.applied(goal, found, done, self._commit())
            with self.attempt.step("plan"):
                found = _looked(self.attempt, self.outside, self.connection)
        return words.in_sync(goal, found.inventory) if found.plan.is_empty else words.withheld(goal, found, why)

    def _applied(self, found: Look) -> Result:
        """Applies what is not disputed, and waits. Raises ``StalePlanError`` and ``GuardError``."""
        goal, now = self.attempt.goal, self.outside.now()
        terms = fights.Terms.of(goal.policy.reconcile.fights)
        differing = {one: by for changed in found.drifted.values() for one, by in changed.items()}
        left = fights.left_alone(self.attempt.disputed, differing, self.attempt.evidence, terms, now)
        told = [fights.told(one, self.attempt.evidence, differing[one]) for one in sorted(left)]
        alone = {one for one, changed in found.drifted.items() if left & changed.keys()}
        plan = self._plan(found, alone)
        if plan.is_empty:
            return words.fighting(goal, found, words.in_sync(goal, found.inventory), told, left)
        done = self._done(plan, Consent(take_back=found.drifted.keys(), over=self.outside.follows))
        result = self._ready(found, words.applied(goal, found, done, self._commit()), done)
        repaired = self._repairs(found, done, now)
        return words.fighting(goal, found, words.with_repairs(result, repaired), told, left)

    def _plan(self, found: Look, alone: set[Identity]) -> Plan:
        """The plan of the target, without the objects that are left alone."""
        whole = self._whole(found)
        if not alone:
            return whole
        kept = {change.identity for change in found.plan.changes} - alone
        return whole.only({found.plan.target: kept})

    def _whole(self, found: Look) -> Plan:
        rendering = self.attempt.goal.rendering
        return Plan(rendering.project, rendering.environment, rendering.commit, rendering.digest, (found.plan,))

    def _done(self, plan: Plan, consent: Consent) -> TargetOutcome:
        stop = self.attempt.interruption
        stop.check()
        connections = {plan.targets[0].target: self.connection}
        reconcile = self.attempt.goal.policy.reconcile
        patience = Patience(stop.noticed_by(self.outside.clock), self._terms(seconds(reconcile.timeout)), _unheard)
        with self.attempt.step("apply"):
            outcome = apply(plan, connections, self._time, lambda _change: stop.check(), consent, patience)
        return outcome.targets[0]

    def _terms(self, timeout: float) -> Terms:
        return Terms(timeout, self.attempt.goal.policy.rules)

    def _commit(self) -> str:
        """The commit that the inventory has now, as far as that can be told."""
        try:
            return self.connection.inventory().commit
        except CANNOT:
            return ""

    def _ready(self, found: Look, result: Result, done: TargetOutcome | None = None) -> Result:
        """The result once everything is ready, or is not in time, or nobody wants to know any more.

        Of files nobody knows whether they run.
        """
        if is_rendered(self.attempt.goal.target.connection):
            return result
        before = done.waited if done else ()
        written = [one for one in done.objects if one.result is Done.DONE] if done else []
        known = {one.identity for one in written}
        others = [_unchanged(one) for one in found.unready if one not in known]
        awaited = {one.identity for one in before}
        ahead = tuple(one for one in (*written, *others) if one.identity not in awaited)
        if not ahead:
            return words.waited(result, before)
        self.attempt.waits(self._unready(ahead))
        terms = self._terms(self._patience(found, written))
        clock = self.attempt.interruption.noticed_by(self.outside.clock)
        name = self.attempt.goal.key.target
        try:
            waited = wait_for({name: ahead}, {name: self.connection}, clock, terms, _unheard)
        except KeyboardInterrupt:
            return words.overtaken(words.waited(result, before))
        return words.waited(result, (*before, *waited))

    def _unready(self, ahead: Collection[ObjectOutcome]) -> int:
        """Of how many objects it takes more than that they are there."""
        known = {one.identity for one in ahead}
        goal, rules = self.attempt.goal, self.attempt.goal.policy.rules
        pairs = zip(goal.contents, goal.target.manifests, strict=True)
        wanted = (manifest for one, manifest in pairs if one in known)
        return sum(health(manifest, rules).state is State.PROGRESSING for manifest in wanted)

    def _patience(self, found: Look, written: list[ObjectOutcome]) -> float:
        """Seconds to wait: all of them after a write, and else what is left of them since the last one."""
        timeout = seconds(self.attempt.goal.policy.reconcile.timeout)
        if written or not found.inventory.applied_at:
            return timeout
        since = self.outside.now() - datetime.fromisoformat(found.inventory.applied_at).timestamp()
        return min(timeout, max(0.0, timeout - since))

    def _repairs(self, found: Look, done: TargetOutcome, now: float) -> tuple[Repair, ...]:
        written = {one.identity for one in done.objects if one.result is Done.DONE}
        return tuple(
            Repair(what, by, now)
            for one, changed in found.drifted.items()
            if one in written
            for what, by in changed.items()
        )

    def _time(self) -> str:
        return datetime.fromtimestamp(self.outside.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _takes_back(change: Change, freed: frozenset[tuple[str, str]]) -> bool:
    """Whether a change takes requests away from a release that was aborted, and replaces no pod."""
    one = change.identity
    field = ALONE.get(one.kind)
    return (one.kind, one.name) in freed and (field is None or all(each.pointer == field for each in change.fields))


def _unchanged(one: Identity) -> ObjectOutcome:
    """An object that is there and is waited for, although nobody wrote it just now."""
    return ObjectOutcome(one, Action.UNCHANGED, "", Done.DONE)


def _unheard(_target: str, _one: Identity, _health: Health) -> None:
    """Nobody is told of progress: the result says what it came to."""
