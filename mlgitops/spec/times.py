"""Whether changes may come now: windows let them in, freezes keep them out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

from mlgitops.spec.cron import is_within
from mlgitops.spec.promotion import Freeze, Window
from mlgitops.spec.quantities import milliseconds

Zones = Callable[[str], tzinfo]
"""The time zone of a name. Raises what the caller wants for one that is not known."""


def is_open(windows: Iterable[Window], zones: Zones, now: datetime) -> bool:
    """Whether one of the windows is open at ``now``, which has a zone."""
    return any(is_within(one.cron, milliseconds(one.duration), zones(one.timezone), now) for one in windows)


def is_frozen(
    freeze: Freeze, zones: Zones, now: datetime, moment: Callable[[str], datetime] = datetime.fromisoformat
) -> bool:
    """Whether a freeze is on at ``now``, which has a zone. ``moment`` reads RFC 3339, and raises what it wants."""
    if freeze.from_ and freeze.until:
        return moment(freeze.from_) <= now < moment(freeze.until)
    assert freeze.cron is not None
    assert freeze.duration is not None
    return is_within(freeze.cron, milliseconds(freeze.duration), zones(freeze.timezone), now)
