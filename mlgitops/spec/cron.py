"""Cron expressions: what is wrong with one, and whether a time is within so long after it. Pure.

As robfig/cron reads them, which Argo uses: weekdays are 0 (Sunday) to 6, months and weekdays have names, and where both
the day of the month and the weekday are restricted, either is enough.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

MOST_DAYS = 7
"""The longest that something lasts which a cron expression begins."""

_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, in a leap year."""
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
_NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}


def problem(cron: str) -> str:
    """What is wrong with an expression of five fields, or a name such as @daily; empty where nothing is."""
    if cron.startswith("@"):
        return "" if cron in _NAMED else f"'{cron}' is no name of a schedule"
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        return f"it has {len(fields)} field{'s' * (len(fields) != 1)}, not {len(_FIELDS)}"
    for text, field in zip(fields, _FIELDS, strict=True):
        for item in text.split(","):
            if wrong := _item_problem(item, field):
                return wrong
    return _never(fields)


def _never(fields: Sequence[str]) -> str:
    """Why a time with fields that have no problem never comes; empty where it does."""
    _, _, days, months, weekdays = _each(fields)
    if _restricts(days, weekdays) or min(days) <= max(_LONGEST[month - 1] for month in months):
        return ""
    return f"it never comes, since none of its months has a day {min(days)}"


def is_within(cron: str, milliseconds: int, zone: tzinfo, now: datetime) -> bool:
    """Whether the expression came due, in a time zone, less than so long before ``now``, which has a zone.

    A time that the clocks skip never comes; one that they repeat comes twice. At most ``MOST_DAYS`` are looked back.
    Raises ``ValueError`` for an expression with a problem.
    """
    length = min(timedelta(milliseconds=milliseconds), timedelta(days=MOST_DAYS))
    instant = now.astimezone(UTC)
    minute = instant.replace(second=0, microsecond=0)
    while instant - minute < length:
        if _is_due(cron, minute.astimezone(zone)):
            return True
        minute -= timedelta(minutes=1)
    return False


def _is_due(cron: str, local: datetime) -> bool:
    minutes, hours, days, months, weekdays = _numbers(cron)
    if local.minute not in minutes or local.hour not in hours or local.month not in months:
        return False
    by_day, by_weekday = local.day in days, (local.weekday() + 1) % 7 in weekdays
    if _restricts(days, weekdays):
        return by_day or by_weekday
    return by_day and by_weekday


def _restricts(days: frozenset[int], weekdays: frozenset[int]) -> bool:
    """Whether both the day of the month and the weekday are restricted, so that either is enough."""
    return len(days) < 31 and len(weekdays) < 7


@functools.lru_cache(maxsize=256)
def _numbers(cron: str) -> tuple[frozenset[int], ...]:
    if wrong := problem(cron):
        raise ValueError(wrong)
    return _each(_NAMED.get(cron, cron).split())


def _each(fields: Sequence[str]) -> tuple[frozenset[int], ...]:
    return tuple(
        frozenset(number for item in text.split(",") for number in _range(item, field))
        for text, field in zip(fields, _FIELDS, strict=True)
    )


def _range(item: str, field: tuple[str, int, int, tuple[str, ...]]) -> range:
    _, low, high, names = field
    match = _ITEM.fullmatch(item)
    assert match is not None  # it has no problem
    step = int(match["step"] or 1)
    if match["first"] in "*?":
        return range(low, high + 1, step)
    first = _number(match["first"], names, low)
    assert first is not None
    last = _number(match["last"], names, low) if match["last"] else (high if match["step"] else first)
    assert last is not None
    return range(first, last + 1, step)


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
