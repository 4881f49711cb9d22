"""What is seen of a release that runs, and that somebody should know or act upon. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlgitops.manifest import digest


class Signal(StrEnum):
    """What is seen: by an alert that mlgitops renders, or by a rollout by steps that ended."""

    DRIFT = "drift"
    STALE = "stale"
    SLO_BURN = "sloBurn"
    BUSINESS = "business"
    ERRORS = "errors"
    ROLLOUT_ABORTED = "rolloutAborted"
    ROLLOUT_COMPLETED = "rolloutCompleted"


OF_ROLLOUTS = frozenset({Signal.ROLLOUT_ABORTED, Signal.ROLLOUT_COMPLETED})
"""Signals that no Prometheus is asked for."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """One signal about one release (``version``) of a model in an environment: what is acted upon once.

    ``name`` tells causes of the same signal apart: the alert, and of a business metric which one.
    """

    signal: Signal
    environment: str
    model: str
    version: str
    name: str = ""

    @property
    def id(self) -> str:
        """16 hexadecimal digits that are the same on every run, as part of names."""
        parts = [self.signal.value, self.environment, self.model, self.version, self.name]
        return digest(parts).removeprefix("sha256:")[:16]


@dataclass(frozen=True, slots=True)
class Value:
    """A number that was measured, and of what. It is finite."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A cause as it is seen at one look: why, in words (empty: the signal says it all), and the numbers behind it."""

    cause: Cause
    reason: str = ""
    values: tuple[Value, ...] = ()
