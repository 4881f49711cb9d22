"""The evidence of a pull request that follows from what was seen: a file in Git beside the specs. Pure.

It is written once, with the numbers of the first time that the cause was seen, so that a second run changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

from mlgitops.response.ledger import Known
from mlgitops.response.words import at, plain, title

FORMAT = "mlgitops.dev/cause/v1"
LARGEST = 64 * 1024
_PATH = re.compile(r"environments/([^/]+)/evidence/([^/]+)/causes/[0-9a-f]{16}\.json")


def path(known: Known) -> str:
    """Where it is, from the project's root."""
    cause = known.cause
    return f"environments/{cause.environment}/evidence/{cause.model}/causes/{cause.id}.json"


def content(known: Known) -> bytes:
    """The file."""
    cause = known.cause
    data = {
        "formatVersion": FORMAT,
        "signal": cause.signal.value,
        "environment": cause.environment,
        "model": cause.model,
        "version": cause.version,
        "name": cause.name,
        "since": at(known.since),
        "reason": plain(known.reason),
        "values": [{"name": plain(one.name, 100), "value": one.value} for one in known.values],
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def notes(known: Known) -> Iterator[str]:
    """What a reviewer reads of it, a line each. None begins with words of others, which could pass for a trailer."""
    yield f"seen: {title(known.cause)}"
    if known.reason:
        yield f"because {plain(known.reason)}"
    yield from (f"measured {plain(one.name, 100)}: {one.value:.6g}" for one in known.values)
    yield f"the evidence is in {path(known)}"


def is_evidence(name: str, written: bytes | None, environment: str, model: str) -> bool:
    """Whether a file is evidence of a cause about a model in an environment: it may come with a pull request of it."""
    found = _PATH.fullmatch(name)
    if found is None or found.groups() != (environment, model) or written is None or len(written) > LARGEST:
        return False
    try:
        data = orjson.loads(written)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(data, dict)
        and data.get("formatVersion") == FORMAT
        and (data.get("environment"), data.get("model")) == (environment, model)
    )
