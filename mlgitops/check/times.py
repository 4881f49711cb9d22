"""Rules about windows and freezes: real cron expressions and time zones, and ends that come after beginnings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.check.schedule import zone_help
from mlgitops.finding import Finding
from mlgitops.spec.cron import MOST_DAYS, problem
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import milliseconds

_DAY = 86_400_000  # milliseconds


def check(document: Document, pointer: Pointer, block: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings about the ``windows`` and ``freezes`` of the block at ``pointer``, as written."""
    for field in ("windows", "freezes"):
        times = block.get(field)
        for index, time in enumerate(times if isinstance(times, list) else ()):
            if isinstance(time, dict):
                yield from _time(document, (*pointer, field, index), time)


def _time(document: Document, pointer: Pointer, time: Mapping[str, Any]) -> Iterator[Finding]:
    cron, zone, duration = time.get("cron"), time.get("timezone"), time.get("duration")
    if isinstance(cron, str) and (wrong := problem(cron)):
        yield document.finding("invalid-cron", (*pointer, "cron"), f"'{cron}': {wrong}",
                               help="five fields: minute hour day month weekday, such as 0 9 * * 1-4")  # fmt: skip
    if isinstance(zone, str) and (help := zone_help(zone)):
        yield document.finding("invalid-timezone", (*pointer, "timezone"), f"'{zone}' is no IANA time zone", help=help)
    if isinstance(duration, str) and milliseconds(duration) > MOST_DAYS * _DAY:
        yield document.finding(
            "out-of-range", (*pointer, "duration"), f"{duration} is longer than {MOST_DAYS}d, the longest that may be",
            help="write several, or a freeze with from and until",
        )  # fmt: skip
    start, end = time.get("from"), time.get("until")
    if isinstance(start, str) and isinstance(end, str) and start >= end and start[-1:] == end[-1:] == "Z":
        yield document.finding(
            "out-of-range", (*pointer, "until"), f"it ends at {end}, before it begins", help="write a later time"
        )
