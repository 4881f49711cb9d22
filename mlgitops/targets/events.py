"""What a cluster last said about an object: Kubernetes Events. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One Event. ``object`` is ``KIND/NAME``, ``type`` Normal or Warning, ``last_seen`` RFC 3339 or empty."""

    object: str
    type: str
    reason: str
    message: str
    last_seen: str = ""
    count: int = 1
