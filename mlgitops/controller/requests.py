"""What people ask of a controller, and how a request is written down. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import orjson

LARGEST = 4096
"""Bytes of a request."""


class Verb(StrEnum):
    """What can be asked for: that a rollout goes on, that it ends where it is, that a commit is applied."""

    RESUME = "resume"
    ABORT = "abort"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for, for one environment, or for one model there."""

    verb: Verb
    environment: str
    model: str = ""


def request_text(request: Request) -> bytes:
    """A request as JSON."""
    return orjson.dumps({"verb": request.verb, "environment": request.environment, "model": request.model})


def request_from(content: bytes) -> Request | None:
    """The request that was written down; None for what is none."""
    try:
        data = orjson.loads(content[:LARGEST])
        return Request(Verb(data["verb"]), str(data["environment"]), str(data.get("model", "")))
    except (ValueError, KeyError, TypeError):
        return None
