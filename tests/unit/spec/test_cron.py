from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.spec.cron import is_within, problem

HOUR = 3_600_000
ZURICH = ZoneInfo("Europe/Zurich")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("cron", "hours", "now", "within"),
    [
        ("0 9 * * 1-4", 8, "2026-11-24T09:00:00Z", True),  # a Tuesday
        ("0 9 * * 1-4", 8, "2026-11-24T16:59:59Z", True),
        ("0 9 * * 1-4", 8, "2026-11-24T17:00:00Z", False),
        ("0 9 * * 1-4", 8, "2026-11-24T08:59:59Z", False),
        ("0 9 * * 1-4", 8, "2026-11-27T10:00:00Z", False),  # a Friday
        ("0 22 * * FRI", 60, "2026-11-29T23:00:00Z", True),  # over the weekend
        ("0 0 1 * 0", 1, "2026-11-01T00:30:00Z", True),  # the 1st
        ("0 0 2 * 0", 1, "2026-11-08T00:30:00Z", True),  # a Sunday, which is enough
        ("0 0 2 * 0", 1, "2026-11-10T00:30:00Z", False),
        ("@daily", 1, "2026-11-10T00:30:00Z", True),
        ("*/15 8-10/2 * NOV *", 0.2, "2026-11-10T10:55:00Z", True),
        ("*/15 8-10/2 * NOV *", 0.2, "2026-11-10T09:50:00Z", False),
    ],
)
def test_a_time_is_within_so_long_after_a_cron_or_not(cron: str, hours: float, now: str, within: bool) -> None:
    assert is_within(cron, int(hours * HOUR), UTC, at(now)) is within


def test_the_zone_decides_and_so_does_its_summer() -> None:
    assert is_within("0 9 * * *", HOUR, ZURICH, at("2026-01-15T08:30:00Z"))
    assert not is_within("0 9 * * *", HOUR, ZURICH, at("2026-07-15T08:30:00Z"))
    assert is_within("0 9 * * *", HOUR, ZURICH, at("2026-07-15T07:30:00Z"))


def test_a_time_that_the_clocks_skip_never_comes_and_one_that_they_repeat_comes_twice() -> None:
    assert not is_within("30 2 * * *", HOUR, ZURICH, at("2026-03-29T01:45:00Z"))
    assert is_within("30 2 * * *", 600_000, ZURICH, at("2026-10-25T00:35:00Z"))
    assert is_within("30 2 * * *", 600_000, ZURICH, at("2026-10-25T01:35:00Z"))


def test_no_more_than_a_week_is_looked_back() -> None:
    assert not is_within("0 0 1 1 *", 400 * 24 * HOUR, UTC, at("2026-06-01T00:00:00Z"))


@pytest.mark.parametrize("cron", ["60 * * * *", "* * * *", "@never", "* * * * 7", "0 0 30 2 *"])
def test_a_broken_cron_is_never_within(cron: str) -> None:
    assert problem(cron)
    with pytest.raises(ValueError, match=r"."):
        is_within(cron, HOUR, UTC, at("2026-11-24T09:00:00Z"))


@pytest.mark.parametrize("cron", ["0 0 30 2 *", "0 0 31 2,4,JUN *", "* * 30-31 2 *"])
def test_a_date_that_no_year_has_is_no_time(cron: str) -> None:
    assert "it never comes, since none of its months has a day 3" in problem(cron)


@pytest.mark.parametrize("cron", ["0 0 29 2 *", "0 0 30 2 1", "0 0 31 2,3 *", "0 0 28-31 2 *", "0 0 31 * *"])
def test_a_date_that_some_year_has_is_one(cron: str) -> None:
    assert problem(cron) == ""


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(1, 600))
def test_every_moment_is_within_a_minute_of_every_minute(moment: datetime, minutes: int) -> None:
    now = moment.replace(tzinfo=UTC)
    assert is_within("* * * * *", 60_000, UTC, now)
    due = now.replace(second=0, microsecond=0)
    cron = f"{due.minute} {due.hour} {due.day} {due.month} *"
    assert is_within(cron, minutes * 60_000, UTC, due + timedelta(minutes=minutes - 1))
    assert not is_within(cron, minutes * 60_000, UTC, due + timedelta(minutes=minutes))
