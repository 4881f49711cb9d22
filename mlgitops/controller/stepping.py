"""The rollouts that go by steps, over all targets of an environment: how the state and the goals follow. Pure.

A model's rollout is one for all targets of its environment: it goes on once every one of them may, and ends everywhere
where it is bad anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from mlgitops.controller.goals import Goal, Goals, goal_with
from mlgitops.controller.state import GOOD, Key, ModelKey, State, Word
from mlgitops.progressive import progress as steps
from mlgitops.progressive.analysis import Judgement, Verdict
from mlgitops.progressive.exposure import exposed
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.progressive.terms import Terms

UNDEPLOYED = frozenset({Word.WAITING, Word.PENDING, Word.SUSPENDED, Word.DRIFTED, Word.UNREACHABLE, Word.REFUSED})
"""Words of a target that does not have what Git says, or of which nobody knows whether it has."""


@dataclass(frozen=True, slots=True)
class Site:
    """One target at which a model's rollout goes by steps: the goal as the controller has it, and the terms."""

    goal: Goal
    terms: Terms


@dataclass(frozen=True, slots=True)
class Looked:
    """The name of a job that looks at a rollout, with the targets that had been written to as it began.

    ``since`` is when the step began that is looked at.
    """

    key: ModelKey
    identity: str
    since: float = field(default=0.0, compare=False)
    deployed: frozenset[Key] = field(default_factory=frozenset, compare=False)


def sites(goals: Goals) -> dict[ModelKey, tuple[Site, ...]]:
    """The targets of each rollout that goes by steps."""
    found: dict[ModelKey, list[Site]] = {}
    for goal in goals.targets.values():
        for terms in goal.target.rollouts:
            found.setdefault(ModelKey(goal.key.environment, terms.model), []).append(Site(goal, terms))
    return {key: tuple(each) for key, each in found.items()}


def current(state: State, goals: Goals, now: float) -> dict[ModelKey, Progress]:
    """The progress of each rollout: a new one where Git has other releases or steps than before."""
    found = {key: one for key, one in state.progress.items() if key.environment in goals.broken}
    for key, each in sites(goals).items():
        terms, known = each[0].terms, state.progress.get(key)
        found[key] = known if known and known.identity == terms.identity else steps.begun(terms, now)
    return found


def exposing(goals: Goals, progress: Mapping[ModelKey, Progress]) -> Goals:
    """The goals with each new release exposed as far as its rollout is."""
    targets = {key: _exposed(goal, progress) for key, goal in goals.targets.items()}
    return replace(goals, targets=targets)


def _exposed(goal: Goal, progress: Mapping[ModelKey, Progress]) -> Goal:
    target = goal.target
    if not target.rollouts:
        return goal
    manifests = target.manifests
    for terms in target.rollouts:
        step = steps.exposure(progress.get(ModelKey(goal.key.environment, terms.model)), terms)
        manifests = exposed(manifests, terms, step)
    return goal_with(goal, manifests)


@dataclass(frozen=True, slots=True)
class Due:
    """A rollout that is to be looked at, how far it is, at which targets, and when.

    ``deployed`` are the targets that have been written to since the last step.
    """

    looked: Looked
    progress: Progress
    sites: tuple[Site, ...]
    deployed: frozenset[Key]
    at: float


def ahead(state: State, goals: Goals, waiting: Mapping[Key, str], now: float) -> Iterator[Due]:
    """The rollouts that are looked at: all that expose a release, and those that could begin to.

    ``waiting`` has the digests of goals that are written, and only waited for.
    """
    for key, each in sites(goals).items():
        progress = state.progress.get(key)
        at = steps.due_at(progress, each[0].terms, now) if progress else None
        if progress is None or at is None:
            continue
        deployed = frozenset(site.goal.key for site in each if _is_deployed(state, site, waiting))
        if progress.phase is Phase.STEPPING or len(deployed) == len(each):
            yield Due(Looked(key, progress.identity, progress.since, deployed), progress, each, deployed, at)


def _is_deployed(state: State, site: Site, waiting: Mapping[Key, str]) -> bool:
    key, digest = site.goal.key, site.goal.digest
    known = state.of(key)
    done = known.digest == digest and known.word is not None and known.word not in UNDEPLOYED
    return done or waiting.get(key) == digest


def measured(state: State, goals: Goals, looked: Looked, judgement: Judgement, held_back: str, now: float) -> State:
    """The state once a rollout was looked at; the same where Git has another one by now, or it is at another step.

    ``held_back`` says why nothing may be written now: then it does not go on, but can still be ended.
    """
    key = looked.key
    progress, each = state.progress.get(key), sites(goals).get(key)
    if progress is None or not each or (progress.identity, progress.since) != (looked.identity, looked.since):
        return state
    if judgement.verdict is Verdict.PASS and held_back:
        judgement = replace(judgement, verdict=Verdict.UNKNOWN, reason=held_back)
    unwell = [site.goal.key for site in each if site.goal.key not in looked.deployed or not _is_well(state, site)]
    if judgement.verdict is Verdict.PASS and unwell:
        judgement = replace(judgement, verdict=Verdict.UNKNOWN, reason=f"{_named(unwell)} not as Git says")
    return with_progress(state, key, steps.measured(progress, each[0].terms, judgement, now))


def with_progress(state: State, key: ModelKey, progress: Progress) -> State:
    """The state with a rollout that is so far."""
    return replace(state, progress={**state.progress, key: progress})


def _is_well(state: State, site: Site) -> bool:
    known = state.of(site.goal.key)
    return known.word in GOOD and known.digest == site.goal.digest


def _named(keys: list[Key]) -> str:
    return ", ".join(key.target for key in keys) + (" is" if len(keys) == 1 else " are")


def freed(state: State, goal: Goal) -> frozenset[tuple[str, str]]:
    """The objects, by kind and name, that no longer send requests to a release that was aborted.

    That is written although nothing else may be, but for targets that are never written to.
    """
    if goal.policy.reconcile.mode == "report":
        return frozenset()
    environment = goal.key.environment
    ours = ((terms, state.progress.get(ModelKey(environment, terms.model))) for terms in goal.target.rollouts)
    return frozenset(terms.bearer for terms, one in ours if one is not None and one.phase is Phase.ABORTED)


def again(state: State, key: ModelKey, now: float) -> State:
    """The state once a person has a rollout that was aborted begin anew; the same where there is none."""
    progress = state.progress.get(key)
    if progress is None or progress.phase is not Phase.ABORTED:
        return state
    anew = Progress(progress.identity, progress.new, progress.stable, since=now)
    return with_progress(state, key, anew)


def ended(state: State, key: ModelKey, reason: str, now: float) -> State:
    """The state once a person ends a rollout; the same where there is none under way."""
    progress = state.progress.get(key)
    if progress is None:
        return state
    return with_progress(state, key, steps.aborted(progress, reason, now))
