from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from mlgitops.spec.promotion import Freeze, Window
from mlgitops.spec.times import is_frozen, is_open

NOON = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)  # a Tuesday
MORNING = Window.model_validate({"cron": "0 9 * * 1-5", "duration": "3h", "timezone": "UTC"})
TOKYO = Window.model_validate({"cron": "0 21 * * 1-5", "duration": "1h", "timezone": "Asia/Tokyo"})


def zones(name: str) -> tzinfo:
    return ZoneInfo(name)


def test_one_window_that_is_open_is_enough() -> None:
    assert not is_open([MORNING], zones, NOON)
    assert is_open([MORNING, TOKYO], zones, NOON)
    assert not is_open([], zones, NOON)


@pytest.mark.parametrize(
    ("freeze", "frozen"),
    [
        ({"from": "2026-11-24T12:30:00Z", "until": "2026-11-25T00:00:00Z"}, True),
        ({"from": "2026-11-24T00:00:00Z", "until": "2026-11-24T12:30:00Z"}, False),
        ({"from": "2026-11-24T14:00:00+02:00", "until": "2026-11-24T15:00:00+02:00"}, True),
        ({"cron": "0 12 * * *", "duration": "31m"}, True),
        ({"cron": "0 12 * * *", "duration": "30m"}, False),
    ],
    ids=str,
)
def test_a_freeze_lasts_from_its_beginning_to_its_end(freeze: dict[str, str], frozen: bool) -> None:
    assert is_frozen(Freeze.model_validate({"reason": "x", **freeze}), zones, NOON) == frozen
