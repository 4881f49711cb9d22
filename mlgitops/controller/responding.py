"""What the controller does about what is seen of models: looks at alerts and rollouts, and runs errands about causes.

All that lasts is in the state. Looks and errands are jobs of their own, and hold nothing up. An errand is in the kept
state before it is run, and is not run where that cannot be kept: one that was run and not remembered is run again, and
finds what it made before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlgitops.controller.goals import Goal, Goals
from mlgitops.controller.jobs import Ended, Job, Jobs
from mlgitops.controller.outside import Outside
from mlgitops.controller.state import Key, State
from mlgitops.manifest import LABEL_MODEL, labels
from mlgitops.progressive.progress import OVER
from mlgitops.response import ledger, policy, rollouts
from mlgitops.response.alerts import Watch, watch
from mlgitops.response.cause import OF_ROLLOUTS, Cause, Seen
from mlgitops.response.errands import Errand, Outcome, Result, waits
from mlgitops.response.ledger import Known

INTERVAL = 60.0
"""Seconds between two looks at a target's alerts."""
LOOK_SECONDS = 60.0
"""The longest that a look may take."""
ANSWER_SECONDS = 900.0
"""The longest that errands about one cause may take; a pull request is rendered anew for it."""


@dataclass(frozen=True, slots=True)
class Watching:
    """The name of a job that looks at a target's alerts."""

    key: Key


@dataclass(frozen=True, slots=True)
class Answers:
    """The name of a job that runs errands about a cause."""

    cause: Cause
    errands: tuple[Errand, ...]

    def __hash__(self) -> int:
        return hash(self.cause)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answers) and self.cause == other.cause


@dataclass(frozen=True, slots=True)
class _Site:
    """A target as it is looked at: what it was made from, its alerts, and the models that it has."""

    manifests: object
    watch: Watch
    models: frozenset[str]


class Responding:
    """The responses of one controller; for the loop's thread."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._sites: dict[Key, _Site] = {}
        self._looks: dict[Key, float] = {}
        self._is_kept = True

    def noticed(self, state: State, goals: Goals, now: float) -> State:
        """The state with what the rollouts came to, and what environments want done about everything that is seen."""
        before = state.responses
        if not goals.commit or not (before or any(one.phase in OVER for one in state.progress.values())):
            return state
        broken = {cause: one for cause, one in before.items() if cause.environment in goals.broken}
        places = self._places(goals)
        where = self._where(goals, places)
        found = ledger.kept({c: one for c, one in before.items() if c not in broken}, where, now)
        found = ledger.rolled_out(found, _ended_rollouts(state, places), now)
        wanted = {cause: policy.wanted(goals.policies[cause.environment].reconcile, cause) for cause in found}
        found = ledger.tended(found, wanted, now, opens=self._outside.opens)
        return self._told(state, {**broken, **found})

    def start(self, state: State, goals: Goals, jobs: Jobs, now: float, *, is_kept: bool) -> None:
        """Starts the looks whose time has come, and, where the state is kept, the errands."""
        self._is_kept = is_kept
        self._forget(goals)
        for key, goal in self._looked_at(goals, jobs):
            if self._wait(key, now) <= 0:
                self._looks[key] = now + INTERVAL
                jobs.start(Watching(key), LOOK_SECONDS, self._looking(goal, state))
        for cause, known in state.responses.items() if is_kept else ():
            errands, sites = ledger.due(known, now), _goals(goals, known)
            if errands and sites and not jobs.is_busy(Answers(cause, errands)):
                jobs.start(Answers(cause, errands), ANSWER_SECONDS, self._answering(known, errands, sites))

    def took(self, state: State, ended: Ended, now: float) -> State:
        """The state once a job ended, or was left behind."""
        if isinstance(ended.name, Watching):
            return self._looked(state, ended.name.key, ended, now)
        name: Answers = ended.name
        known = state.responses.get(name.cause)
        if known is None:
            return state
        late = tuple(Outcome(errand, Result.LATER, "it took too long") for errand in name.errands)
        outcomes: tuple[Outcome, ...] = late if ended.value is None else ended.value
        after = ledger.revised(known, ledger.answered(known, outcomes, now))
        self._outside.reporter.responded(after, outcomes)
        return replace(state, responses={**state.responses, name.cause: after})

    def waits(self, state: State, goals: Goals, jobs: Jobs, now: float) -> Iterator[float]:
        """In how many seconds there is something to do."""
        yield from (self._wait(key, now) for key, _ in self._looked_at(goals, jobs))
        for cause, known in state.responses.items() if self._is_kept else ():
            if known.errands and _goals(goals, known) and not jobs.is_busy(Answers(cause, ())):
                yield from (waits(errand, now) for errand in known.errands)

    def _looked_at(self, goals: Goals, jobs: Jobs) -> Iterator[tuple[Key, Goal]]:
        """The targets that can be looked at now."""
        for key, goal in goals.targets.items():
            if self._look_at(goal) is not None and not jobs.is_busy(Watching(key)):
                yield key, goal

    def _wait(self, key: Key, now: float) -> float:
        """In how many seconds a target is to be looked at; at once where the clock went back."""
        left = self._looks.get(key, 0.0) - now
        return left if left <= INTERVAL else 0.0

    def _forget(self, goals: Goals) -> None:
        """What was known of targets that are no longer there."""
        for known in (self._sites, self._looks):
            for key in known.keys() - goals.targets.keys():
                del known[key]

    def _look_at(self, goal: Goal) -> _Site | None:
        """The target, if it has a Prometheus and any alert that says something."""
        site = self._site(goal)
        return site if goal.target.server is not None and site.watch.rules else None

    def _site(self, goal: Goal) -> _Site:
        known = self._sites.get(goal.key)
        if known is None or known.manifests is not goal.target.manifests:
            manifests = goal.target.manifests
            models = frozenset(name for one in manifests if (name := labels(one).get(LABEL_MODEL)))
            known = _Site(manifests, watch(*goal.key, manifests), models)
            self._sites[goal.key] = known
        return known

    def _places(self, goals: Goals) -> dict[tuple[str, str], frozenset[str]]:
        found: dict[tuple[str, str], frozenset[str]] = {}
        for key, goal in goals.targets.items():
            for model in self._site(goal).models:
                at = (key.environment, model)
                found[at] = found.get(at, frozenset()) | {key.target}
        return found

    def _where(
        self, goals: Goals, places: Mapping[tuple[str, str], frozenset[str]]
    ) -> Callable[[Cause], frozenset[str] | None]:
        """At which targets a cause is looked for: where Git has the alert, and of a rollout where the model runs."""
        watched: dict[Cause, frozenset[str]] = {}
        for key, goal in goals.targets.items():
            site = self._look_at(goal)
            for cause in site.watch.rules if site else ():
                watched[cause] = watched.get(cause, frozenset()) | {key.target}

        def where(cause: Cause) -> frozenset[str] | None:
            if cause.environment not in goals.policies:
                return None
            if cause.signal in OF_ROLLOUTS:
                return places.get((cause.environment, cause.model), frozenset())
            return watched.get(cause, frozenset())

        return where

    def _looking(self, goal: Goal, state: State) -> _Work:
        known, watched, outside = frozenset(state.responses), self._site(goal).watch, self._outside
        return _Work(lambda: outside.watch(goal, watched, known))

    def _answering(self, known: Known, errands: tuple[Errand, ...], goals: tuple[Goal, ...]) -> _Work:
        return _Work(lambda: self._outside.answer(known, errands, goals))

    def _looked(self, state: State, key: Key, ended: Ended, now: float) -> State:
        """Where nobody can tell what is there, nothing begins and nothing ends."""
        self._outside.reporter.watched(key, "" if ended.value is not None else _why(ended))
        if ended.value is None:
            return state
        seen: tuple[Seen, ...] = ended.value
        return self._told(state, ledger.observed(state.responses, key.target, key.environment, seen, now))

    def _told(self, state: State, found: Mapping[Cause, Known]) -> State:
        for cause, known in found.items():
            before = state.responses.get(cause)
            if before is None or before.is_active != known.is_active:
                self._outside.reporter.caused(known)
        if found == state.responses:
            return state
        revised = {cause: ledger.revised(state.responses.get(cause), known) for cause, known in found.items()}
        return replace(state, responses=revised)


@dataclass(frozen=True, slots=True)
class _Work:
    """A job that keeps nobody else from working."""

    work: Callable[[], Any]

    def __call__(self, job: Job) -> Any:
        job.waits()
        return self.work()


def _ended_rollouts(
    state: State, places: Mapping[tuple[str, str], frozenset[str]]
) -> dict[Cause, tuple[Seen, frozenset[str]]]:
    found = {}
    for key, progress in state.progress.items():
        seen, targets = rollouts.ended(*key, progress), places.get((key.environment, key.model))
        if seen is not None and targets is not None:
            found[seen.cause] = (seen, targets)
    return found


def _goals(goals: Goals, known: Known) -> tuple[Goal, ...]:
    """The targets that it is about; once it is over, any where it was, so that somebody can be told."""
    own = {key.target: goal for key, goal in goals.targets.items() if key.environment == known.cause.environment}
    found = [own[name] for name in known.targets if name in own]
    return tuple(found) or tuple(own.values())


def _why(ended: Ended) -> str:
    if ended.error is None:
        return f"no answer within {LOOK_SECONDS:.0f} s"
    return str(getattr(ended.error, "message", "")) or f"internal error: {type(ended.error).__name__}"
