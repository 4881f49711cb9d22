"""What the controller said about some targets, out of its log of one JSON object a line. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import orjson

from mlgitops.plan.said import Said, Voice, masked
from mlgitops.targets.logs import Output

_FIRST = ("time", "level", "message")
_PLACE = ("environment", "target")


def words_about(outputs: Iterable[Output], environment: str, targets: Collection[str]) -> Iterator[Said]:
    """The lines about these targets, or about the environment as a whole; every other line is left out.

    What else a line has is told behind its message: the cycle and the commit, by which lines belong together, the
    reason, and what to do.
    """
    for output in outputs:
        for line in output.lines:
            entry = _entry(line.text)
            if entry.get("environment") == environment and entry.get("target", "") in {"", *targets}:
                who = f"{output.stream.pod}/{output.stream.container}"
                yield Said(line.at or str(entry.get("time", "")), Voice.RECONCILER, who, _words(entry))


def _entry(line: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(entry: Mapping[str, Any]) -> str:
    level, message = str(entry.get("level", "")), str(entry.get("message", ""))
    place = f"{entry.get('target')}: " if entry.get("target") else ""
    more = "".join(f"  {key}={masked(str(value))}" for key, value in entry.items() if key not in {*_FIRST, *_PLACE})
    return f"{'' if level == 'info' else f'{level} '}{place}{masked(message)}{more}"
