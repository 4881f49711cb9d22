"""What the controller knows, in words that go beside what the targets say of themselves. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime

from mlgitops.controller.state import BAD, GOOD, Key, ModelKey, State, TargetState
from mlgitops.controller.waves import Wave
from mlgitops.plan.problem import Place, Problem, Verdict, Watched
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.response.cause import OF_ROLLOUTS
from mlgitops.response.ledger import Known
from mlgitops.response.words import lines, plain, title

OVERDUE = 900.0
"""Seconds after the time for the next look at a target, from which on the controller is taken not to run."""
_DIGITS = 12


def watched(state: State, now: float, led: float = 0.0) -> Watched:
    """The state for a person on call. ``now`` is in seconds since the epoch.

    ``led`` is when a controller last said that it runs, where the state does not tell, since it is only written when
    something is new.
    """
    targets = {
        Place(*key): _verdict(one) for key, one in state.targets.items() if one.result and not state.is_unrendered(key)
    }
    return Watched(state.commit, _time(state.committed), targets, tuple(_problems(state, now, led)))


def _verdict(one: TargetState) -> Verdict:
    assert one.result is not None
    return Verdict(
        one.result.word.value, _time(one.since), one.result.reason, one.result.help, one.word in GOOD, one.word in BAD
    )


def _problems(state: State, now: float, led: float) -> Iterator[Problem]:
    if state.refused:
        since = _time(state.refusal.since)
        yield Problem("not followed", since=since, reason=state.refused, help=_to_follow(state))
    if not state.commit and not state.refused:
        yield Problem("not followed", reason="the controller has not read the branch yet", help="look at its log")
    if now - led > OVERDUE:
        yield from _overdue(state, now, led)
    for name, why in state.broken.items():
        help = ["mlgitops", "validate", "--env", name, "--revision", state.commit[:_DIGITS]]
        yield Problem("broken", name, since=_time(state.broken_since.get(name, 0.0)), reason=why, help=shlex.join(help))
    for name, wave in state.waves.items():
        yield from _stopped(state, name, wave)
    for key, progress in state.progress.items():
        yield from _exposed(key, progress)
    for cause, known in state.responses.items():
        if known.is_active and cause.signal not in OF_ROLLOUTS:
            yield _seen(known)


def _to_follow(state: State) -> str:
    """What shows what the branch became, after how to go on; where it cannot be read, what shows that."""
    followed, head = state.commit[:_DIGITS], state.refusal.commit[:_DIGITS]
    if not head:
        return "see whether it answers, and where its branches are: git ls-remote --heads origin"
    if not followed:
        return f"{state.refusal.help} It is: git fetch && git log --oneline --max-count=5 {head}"
    return f"{state.refusal.help} What changed: git fetch && git log --oneline --left-right {followed}...{head}"


def _overdue(state: State, now: float, led: float) -> Iterator[Problem]:
    """The controller does not look any more at what it should have looked at."""
    late = [one for one in state.targets.values() if one.result and now - one.next_attempt > OVERDUE]
    if late:
        last = max(led, *(one.looked for one in state.targets.values()))
        reason = f"{len(late)} of {len(state.targets)} targets should have been looked at by now"
        yield Problem("no controller", since=_time(last), reason=reason, help="see whether it runs, and its log")


def _stopped(state: State, name: str, wave: Wave) -> Iterator[Problem]:
    """A rollout that goes on only once a person says so, or Git says something else."""
    if not (wave.failures or wave.aborted):
        return
    done = len(wave.ready.keys() | wave.settled)
    of = sum(key.environment == name for key in state.targets)
    why = "; ".join(f"{target} failed: {reason}" for target, reason in sorted(wave.failures.items()))
    reason = f"the rollout of {wave.commit[:12]} got to {done} of {of} targets; {why or 'it was aborted'}"
    help = f"mend it in Git, or {shlex.join(['mlgitops', 'rollout', 'resume', '--env', name])}"
    failed = [state.of(Key(name, target)).since for target in wave.failures]
    since = _time(min(failed, default=0.0))
    yield Problem("stopped", name, since=since, reason=reason, help=help, wrong=bool(wave.failures))


def _exposed(key: ModelKey, progress: Progress) -> Iterator[Problem]:
    """A model's rollout that is under way, or was ended since the new release did not do well."""
    if progress.phase is Phase.COMPLETED:
        return
    what, since = (f"Model/{key.model}",), _time(progress.since)
    if progress.phase is Phase.ABORTED:
        again = shlex.join(["mlgitops", "rollout", "resume", "--env", key.environment, "--model", key.model])
        back = shlex.join(["mlgitops", "rollback", key.model, "--env", key.environment])
        reason = f"{progress.new} was taken back, and {progress.stable} answers all requests: {progress.reason}"
        yield Problem("stopped", key.environment, (), what, since, reason, f"{back}, or {again}")
        return
    at = "is brought out" if progress.phase is Phase.WAITING else f"is at step {progress.step + 1} of its rollout"
    reason = f"{progress.new} {at}" + (f"; {progress.reason}" if progress.reason else "")
    yield Problem("progressing", key.environment, (), what, since, reason, wrong=False)


def _seen(known: Known) -> Problem:
    """What an alert says of a model. The pull request is what to look at, where there is one."""
    cause = known.cause
    reason = "; ".join([title(cause), *(plain(one) for one in lines(known, "") if not one.startswith("at "))])
    help = known.url or f"look at its alert {cause.name}"
    return Problem(
        "seen", cause.environment, tuple(known.targets), (f"Model/{cause.model}",), _time(known.since), reason, help,
        wrong=False,
    )  # fmt: skip


def _time(seconds: float) -> str:
    """RFC 3339 to the second; empty for never, and for what is no time."""
    if not seconds > 0:
        return ""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""
