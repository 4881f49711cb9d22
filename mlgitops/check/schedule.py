"""Rules about schedules: cron expressions as Argo's controller reads them, and time zones. Pure.

Argo reads cron by robfig/cron, whose weekdays are 0 (Sunday) to 6 and which takes names of months and weekdays. Time
zones are known to the operating system only, so that here the form and the area are looked at, and not the city.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.versions import at_least

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _DAYS),
)
_ITEM = re.compile(r"(?P<first>[*?]|\w+)(-(?P<last>\w+))?(/(?P<step>\d+))?", re.ASCII)
_AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian", "Pacific",
)  # fmt: skip
_ZONE = re.compile(r"(?P<area>[A-Za-z]+)(/[A-Za-z][-+A-Za-z0-9_]*){1,2}", re.ASCII)


def check(
    resolved: Resolved, pointer: Pointer, crons: Sequence[str], timezone: Pointer, zone: str
) -> Iterator[Finding]:
    """Findings about the list of cron expressions at ``pointer`` and the time zone at ``timezone``."""
    for index, cron in enumerate(crons):
        if problem := _problem(cron):
            yield resolved.finding("invalid-cron", (*pointer, index), f"'{cron}': {problem}",
                                   help="five fields: minute hour day month weekday, such as 30 3 * * 1-5")  # fmt: skip
    argo = resolved.place.spec.components.argo_workflows
    if len(crons) > 1 and argo is not None and not at_least(argo, "3.6"):
        yield resolved.finding(
            "component-too-old", pointer, f"several schedules need Argo Workflows 3.6; this target has {argo}",
            help="give one cron expression, or upgrade",
        )  # fmt: skip
    yield from _zone(resolved, timezone, zone)


def _zone(resolved: Resolved, pointer: Pointer, zone: str) -> Iterator[Finding]:
    if zone in ("UTC", "GMT"):
        return
    match = _ZONE.fullmatch(zone)
    if match is None or match["area"] not in _AREAS:
        nearest = did_you_mean(zone.partition("/")[0], _AREAS) if match else ""
        hint = f"did you mean {nearest}{zone[zone.index('/') :]}? " if nearest else ""
        yield resolved.finding(
            "invalid-timezone", pointer, f"'{zone}' is no IANA time zone",
            help=f"{hint}write UTC or Area/City, such as Europe/Zurich",
        )  # fmt: skip


def _problem(cron: str) -> str:
    """What is wrong with a cron expression; empty where nothing is."""
    if cron.startswith("@"):
        return ""
    for text, field in zip(cron.split(), _FIELDS, strict=True):
        for item in text.split(","):
            if problem := _item_problem(item, field):
                return problem
    return ""


def _item_problem(item: str, field: tuple[str, int, int, tuple[str, ...]]) -> str:
    what, low, high, names = field
    match = _ITEM.fullmatch(item)
    if match is None or (match["first"] in "*?" and match["last"]):
        return f"'{item}' is no {what}"
    if match["step"] is not None and int(match["step"]) == 0:
        return f"'{item}' has a step of 0"
    ends = [match["first"]] if match["last"] is None else [match["first"], match["last"]]
    numbers = [_number(end, names, low) for end in ends if end not in ("*", "?")]
    if any(number is None or not low <= number <= high for number in numbers):
        return f"'{item}' is no {what}, which is {low} to {high}"
    return f"'{item}' ends before it begins" if numbers != sorted(n for n in numbers if n is not None) else ""


def _number(text: str, names: tuple[str, ...], low: int) -> int | None:
    if text.upper() in names:
        return names.index(text.upper()) + low
    return int(text) if text.isdecimal() else None
