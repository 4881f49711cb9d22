"""What the controller does about what is seen of models: looks at alerts and rollouts, and runs errands about causes.

All that lasts is in the state. Looks and errands are jobs of their own, and hold nothing up. An errand is in the kept
state before it is run: one that was run and not remembered is run again, and finds what it made before.
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
from mlgitops.response.cause import Cause, Seen
from mlgitops.response.errands import Errand, Outcome, Result
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

    def noticed(self, state: State, goals: Goals, now: float) -> State:
        """The state with what the rollouts came to, and what environments want done about everything that is seen."""
        before = state.responses
        if not goals.commit or not (before or any(one.phase in OVER for one in state.progress.values())):
            return state
        broken = {cause: one for cause, one in before.items() if cause.environment in goals.broken}
        places = self._places(goals)
        found = ledger.kept({c: one for c, one in before.items() if c not in broken}, places, now)
        found = ledger.rolled_out(found, _ended_rollouts(state, places), now)
        wanted = {cause: policy.wanted(goals.policies[cause.environment].reconcile, cause) for cause in found}
        found = ledger.tended(found, wanted, now, opens=self._outside.opens)
        return self._told(state, {**broken, **found})

    def start(self, state: State, goals: Goals, jobs: Jobs, now: float) -> None:
        """Starts the looks and errands whose time has come."""
        for key, goal in goals.targets.items():
            is_due = self._looks.get(key, 0.0) <= now and self._look_at(goal) is not None
            if is_due and not jobs.is_busy(Watching(key)):
                self._looks[key] = now + INTERVAL
                jobs.start(Watching(key), LOOK_SECONDS, self._looking(goal, state))
        for cause, known in state.responses.items():
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
        after = ledger.answered(known, outcomes, now)
        self._outside.reporter.responded(after, outcomes)
        return replace(state, responses={**state.responses, name.cause: after})

    def waits(self, state: State, goals: Goals, jobs: Jobs, now: float) -> Iterator[float]:
        """In how many seconds there is something to do."""
        for key, goal in goals.targets.items():
            if self._look_at(goal) is not None:
                yield self._looks.get(key, 0.0) - now
        for cause, known in state.responses.items():
            if known.errands and _goals(goals, known) and not jobs.is_busy(Answers(cause, ())):
                yield from (errand.at - now for errand in known.errands)

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
        return state if found == state.responses else replace(state, responses=dict(found))


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
