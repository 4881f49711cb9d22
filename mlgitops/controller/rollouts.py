"""What the rollouts of all environments allow, and how they go on with each attempt. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from mlgitops.controller import waves
from mlgitops.controller.goals import Goal, Goals, Policy
from mlgitops.controller.schedule import Withheld
from mlgitops.controller.state import GOOD, Key, Result, State, Word
from mlgitops.controller.waves import Wave


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt under way. ``digest`` is of what the environment was to be, ``writes`` says that it may write.

    ``fresh`` says that the target had not begun with the rollout before. ``freed`` are the objects that are written
    whatever holds back the others.
    """

    goal: Goal
    digest: str
    writes: bool
    fresh: bool
    freed: frozenset[tuple[str, str]] = frozenset()


def current(state: State, goals: Goals) -> Mapping[str, Wave]:
    """The rollout of each environment that has waves: a new one where Git says something else than before."""
    found = {name: wave for name, wave in state.waves.items() if name in goals.broken}
    for name, policy in goals.policies.items():
        if policy.reconcile.waves is not None:
            known = state.waves.get(name)
            same = known is not None and known.digest == goals.digests[name]
            found[name] = known if known and same else Wave(goals.digests[name], goals.commit)
    return found


def obstacle(state: State, key: Key, policy: Policy, busy: Collection[str]) -> Withheld | None:
    """Why it is not a target's turn yet; None where it is. ``busy`` are targets that are being written to."""
    wave = state.waves.get(key.environment)
    if wave is None or policy.reconcile.waves is None:
        return None
    terms = waves.Terms.of(policy.reconcile.waves, policy.targets)
    told = waves.obstacle(wave, key.target, terms, busy)
    stuck = bool(wave.failures or wave.aborted)
    command = f"mlgitops rollout resume --env {key.environment}"
    return Withheld(Word.WAITING, told, f"mend it in Git, or {command}" if stuck else "") if told else None


def is_to_be_seen(state: State, key: Key, policy: Policy, now: float) -> bool:
    """Whether a target's soak is over, so that it is looked at whether it is still ready."""
    wave = state.waves.get(key.environment)
    if wave is None or policy.reconcile.waves is None:
        return False
    return waves.is_to_be_seen(wave, key.target, waves.Terms.of(policy.reconcile.waves, policy.targets), now)


def wakes(state: State, goals: Goals, now: float) -> float | None:
    """When the next soak is over; None where none lasts."""
    ends = []
    for name, wave in state.waves.items():
        policy = goals.policies.get(name)
        if policy and policy.reconcile.waves is not None:
            ends.append(waves.wakes(wave, waves.Terms.of(policy.reconcile.waves, policy.targets), now))
    return min((end for end in ends if end is not None), default=None)


def began(state: State, key: Key) -> State:
    """The state once a target may be written to."""
    wave = state.waves.get(key.environment)
    return _with(state, key, waves.began(wave, key.target)) if wave else state


def ended(state: State, started: Started, result: Result, now: float) -> State:
    """The state once an attempt ended."""
    key, policy = started.goal.key, started.goal.policy
    wave = state.waves.get(key.environment)
    if wave is None or policy.reconcile.waves is None or wave.digest != started.digest:
        return state
    if started.fresh and not result.touched:
        wave = waves.withdrawn(wave, key.target)
    if result.word in GOOD:
        return _with(state, key, waves.well(wave, key.target, now))
    terms = waves.Terms.of(policy.reconcile.waves, policy.targets)
    failed = result.reason if result.word is Word.FAILED else ""
    return _with(state, key, waves.unwell(wave, key.target, terms, failed))


def _with(state: State, key: Key, wave: Wave) -> State:
    return replace(state, waves={**state.waves, key.environment: wave})
