"""What health is: a state, why, and since when. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How an object is.

    ``ready``: it does what it is for; a run that has started or succeeded is ready as well. ``progressing``: on its
    way, or its controller has not seen it yet. ``failed``: it does not get there by itself. ``suspended``: held back
    on purpose. ``unknown``: nothing tells.
    """

    READY = "ready"
    PROGRESSING = "progressing"
    FAILED = "failed"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one live object.

    ``reason`` is for people: what it waits for, why it failed, or a note where it is ready. ``since`` is RFC 3339,
    empty where the object does not say. ``certain`` is False where the status does not say to which generation of the
    object it belongs, so that just after a write it may still be about the object before.
    """

    state: State
    reason: str = ""
    since: str = ""
    certain: bool = True


def ready(reason: str = "", since: str = "") -> Health:
    """It does what it is for."""
    return Health(State.READY, reason, since)


def progressing(reason: str, since: str = "") -> Health:
    """It is on its way."""
    return Health(State.PROGRESSING, reason, since)


def failed(reason: str, since: str = "") -> Health:
    """It does not get there by itself."""
    return Health(State.FAILED, reason, since)


def suspended(reason: str, since: str = "") -> Health:
    """It is held back on purpose."""
    return Health(State.SUSPENDED, reason, since)
