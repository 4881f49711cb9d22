"""What ``doctor`` looked at, how it is, and how to mend it. Frozen data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """How one thing is. ``UNKNOWN``: it could not be asked; nothing is wrong as far as anybody knows."""

    WELL = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    ``topic`` is ``tools``, ``project``, ``forge`` or ``target ENVIRONMENT/NAME``; ``name`` says what of it. ``cure`` is
    what to do, and is there for all that is not well.
    """

    topic: str
    name: str
    condition: Condition
    said: str
    cure: str = ""


def is_broken(checks: Iterable[Check]) -> bool:
    """Whether anything has to be mended."""
    return any(check.condition is Condition.BROKEN for check in checks)
