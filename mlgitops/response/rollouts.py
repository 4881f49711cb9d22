"""Causes in the rollouts by steps: that one was aborted, or completed. Pure."""

from __future__ import annotations

from math import isfinite

from mlgitops.progressive.progress import Phase, Progress
from mlgitops.response.alerts import MOST_VALUES
from mlgitops.response.cause import Cause, Seen, Signal, Value

_SIGNALS = {Phase.ABORTED: Signal.ROLLOUT_ABORTED, Phase.COMPLETED: Signal.ROLLOUT_COMPLETED}


def ended(environment: str, model: str, progress: Progress) -> Seen | None:
    """What is seen of a rollout; None while it goes on."""
    signal = _SIGNALS.get(progress.phase)
    if signal is None:
        return None
    cause = Cause(signal, environment, model, progress.new, progress.identity)
    reason = progress.reason if signal is Signal.ROLLOUT_ABORTED else ""
    return Seen(cause, reason, _values(progress))


def _values(progress: Progress) -> tuple[Value, ...]:
    both = [
        Value(f"{one.name} of {version}", value)
        for one in progress.readings
        for version, value in ((progress.new, one.new), (progress.stable, one.stable))
        if value is not None and isfinite(value)
    ]
    return tuple(both[:MOST_VALUES])
