"""How the state goes on when Git says something new, or a person asks for something. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlgitops.controller import rollouts, stepping, waves
from mlgitops.controller.goals import Followed, Goals
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import (
    GOOD,
    Key,
    ModelKey,
    Pace,
    Refusal,
    Result,
    State,
    TargetState,
    Word,
    after,
    carried,
)


def adopted(state: State, followed: Followed, now: float) -> State:
    """The state once Git was followed. What Git no longer has is forgotten; nothing is removed from there."""
    goals = followed.goals
    if not goals.commit:  # nobody knows yet what Git says
        return replace(state, refused=_refused(followed), refusal=_refusal(state, followed, now))
    return State(
        commit=goals.commit,
        committed=now if goals.commit != state.commit else state.committed,
        refused=_refused(followed),
        targets=dict(_targets(state, goals, now)),
        waves=rollouts.current(state, goals),
        approved={name: digest for name, digest in state.approved.items() if goals.digests.get(name) == digest},
        broken=dict(goals.broken),
        refusal=_refusal(state, followed, now),
        broken_since=dict(_broken_since(state, goals, now)),
        progress=state.progress,
        responses=state.responses,
    )


def _broken_since(state: State, goals: Goals, now: float) -> Iterator[tuple[str, float]]:
    for name in goals.broken:
        yield name, state.broken_since.get(name, 0.0) if name in state.broken else now


def _refused(followed: Followed) -> str:
    return followed.refused.reason if followed.refused else followed.unread


def _refusal(state: State, followed: Followed, now: float) -> Refusal:
    """Since when it is not followed, whatever the reason is by now. One that was known before has its commit too."""
    refused = _refused(followed)
    if not refused:
        return Refusal()
    since = state.refusal.since if state.refused else now
    if followed.refused:
        return Refusal(since, followed.refused.commit, followed.refused.help)
    if followed.unusable:
        return Refusal(since, followed.unusable, "Mend it in Git, or revert it.")
    return state.refusal if refused == state.refused else Refusal(since)


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


def asked(state: State, request: Request, goals: Goals, now: float) -> State:
    """The state once a person asked for something; the same where it is about nothing that is there."""
    if request.model:
        return _asked_of_model(state, request, now)
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


def _asked_of_model(state: State, request: Request, now: float) -> State:
    key = ModelKey(request.environment, request.model)
    if request.verb is Verb.ABORT:
        return stepping.ended(state, key, "a person ended it", now)
    return stepping.again(state, key, now) if request.verb is Verb.RESUME else state
