"""How long ago something was, in one short word. Pure: the present time is passed in."""

from __future__ import annotations

from datetime import UTC, datetime

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def age(since: str, now: str) -> str:
    """The time from ``since`` to ``now``, both RFC 3339, in its largest unit: ``3h``. Empty where it is not known."""
    try:
        seconds = (_moment(now) - _moment(since)).total_seconds()
    except ValueError:
        return ""
    unit, length = next(((unit, length) for unit, length in _UNITS if seconds >= length), ("s", 1))
    return f"{max(0, int(seconds // length))}{unit}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
