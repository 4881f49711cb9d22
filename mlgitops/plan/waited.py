"""What waiting for readiness came to, object by object. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlgitops.manifest import Identity
from mlgitops.plan.health import Health
from mlgitops.targets import Event


class Readiness(StrEnum):
    """How waiting for one object ended."""

    READY = "ready"
    SUSPENDED = "suspended"
    FAILED = "failed"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Waited:
    """One object that was waited for, its last health, and how long it took, in seconds.

    ``events`` are the last ones of it and of its pods, newest first; only of what did not become ready.
    """

    target: str
    identity: Identity
    owner: str
    readiness: Readiness
    health: Health
    seconds: float
    events: tuple[Event, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether it is ready, or held back on purpose."""
        return self.readiness in (Readiness.READY, Readiness.SUSPENDED)
