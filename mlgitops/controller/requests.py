"""What people ask of a controller. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What can be asked for: that a rollout goes on, that it ends where it is, that a commit is applied."""

    RESUME = "resume"
    ABORT = "abort"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, for one environment."""

    verb: Verb
    environment: str
