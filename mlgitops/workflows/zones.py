"""The time zones that windows and freezes name, as this machine knows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mlgitops.spec.promotion import Freeze, Window


def zones_of(times: Iterable[Window | Freeze]) -> dict[str, tzinfo]:
    """The zones by name, without those that this machine does not know."""
    found: dict[str, tzinfo] = {}
    for name in {one.timezone for one in times}:
        try:
            found[name] = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue  # whoever asks for it says that it is not known
    return found
