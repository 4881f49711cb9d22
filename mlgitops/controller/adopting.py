"""How the state goes on when Git says something new, or a person asks for something. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlgitops.controller import rollouts, waves
from mlgitops.controller.goals import Followed, Goals
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import GOOD, Key, Pace, Result, State, TargetState, Word, after, carried


def adopted(state: State, followed: Followed, now: float) -> State:
    """The state once Git was followed. What Git no longer has is forgotten; nothing is removed from there."""
    goals = followed.goals
    return State(
        commit=goals.commit or state.commit,
        committed=now if goals.commit not in ("", state.commit) else state.committed,
        refused=followed.refused.reason if followed.refused else followed.unread,
        targets=dict(_targets(state, goals, now)) if goals.commit else state.targets,
        waves=rollouts.current(state, goals) if goals.commit else state.waves,
        approved={name: digest for name, digest in state.approved.items() if goals.digests.get(name) == digest},
        broken=dict(goals.broken),
    )


def _targets(state: State, goals: Goals, now: float) -> Iterator[tuple[Key, TargetState]]:
    for key, goal in goals.targets.items():
        known = state.of(key)
        same = known.digest == goal.digest and known.word in GOOD
        yield key, carried(known, goals.commit) if same else known
    for key, known in state.targets.items():
        if key.environment in goals.broken:
            told = f"commit {goals.commit[:12]} cannot be rendered: {goals.broken[key.environment]}"
            result = Result(Word.FAILED, told, "mend it in Git, or revert", goals.commit)
            yield key, replace(after(known, "", result, now, Pace(0.0)), failures=known.failures)


def asked(state: State, request: Request, goals: Goals) -> State:
    """The state once a person asked for something; the same where it is about nothing that is there."""
    name, wave = request.environment, state.waves.get(request.environment)
    if request.verb is Verb.APPROVE:
        known = name in goals.digests
        return replace(state, approved={**state.approved, name: goals.digests[name]}) if known else state
    if wave is None:
        return state
    if request.verb is Verb.ABORT:
        return replace(state, waves={**state.waves, name: waves.aborted(wave)})
    again = {Key(name, target): replace(state.of(Key(name, target)), next_attempt=0.0) for target in wave.failures}
    return replace(state, targets={**state.targets, **again}, waves={**state.waves, name: waves.resumed(wave)})
