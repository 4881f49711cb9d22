from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.controller.goals import Policy
from mlgitops.controller.schedule import Withheld, is_due, is_whole, next_look, withheld
from mlgitops.controller.state import Pace, Result, TargetState, Word, after
from mlgitops.spec.reconcile import Reconcile

ZONES = {"UTC": ZoneInfo("UTC"), "Europe/Zurich": ZoneInfo("Europe/Zurich")}
TUESDAY_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
OFFICE = {"cron": "0 9 * * 1-5", "duration": "8h", "timezone": "Europe/Zurich"}


def policy(**reconcile: Any) -> Policy:
    return Policy(Reconcile.model_validate(reconcile), ("aws",), ZONES, ())


def asked(now: float = TUESDAY_NOON, approved: bool = False, **reconcile: Any) -> Withheld | None:
    return withheld("prod", policy(**reconcile), approved=approved, now=now)


def test_a_target_is_due_when_git_says_something_new_or_it_is_time() -> None:
    state = TargetState("sha256:d", looked=100, next_attempt=400)
    assert not is_due(state, "sha256:d", 399)
    assert is_due(state, "sha256:e", 101)
    assert is_due(state, "sha256:d", 400)
    assert is_due(TargetState(), "sha256:d", 0)


@given(st.integers(0, 10**6), st.sampled_from(Word), st.floats(0, 1), st.integers(-(10**6), 10**6))
def test_no_clock_however_it_jumps_keeps_a_target_from_being_looked_at(
    now: int, word: Word, spread: float, jump: int
) -> None:
    """After an attempt it is not due at once, and due after the longest pause at the latest, by whatever clock."""
    state = after(TargetState(), "sha256:d", Result(word), now, Pace(300, spread))
    assert not is_due(state, "sha256:d", now)
    assert is_due(state, "sha256:d", now + 600)
    assert is_due(state, "sha256:d", now + jump) or 0 <= jump < 600


def test_a_look_is_at_everything_when_it_is_time_or_more_than_git_may_have_to_be_told() -> None:
    assert is_whole(TargetState(), 0)
    well = after(TargetState(), "sha256:d", Result(Word.IN_SYNC), 0, Pace(300))
    assert [is_whole(well, now) for now in (1, 299, 300)] == [False, False, True]
    whole = {word for word in Word if is_whole(after(well, "sha256:d", Result(word), 0, Pace(300)), 1)}
    assert whole == set(Word) - {Word.IN_SYNC, Word.APPLIED, Word.WAITING, Word.PROGRESSING}


def test_the_next_look_is_the_first_that_is_still_to_come() -> None:
    states = [TargetState(next_attempt=30), TargetState(next_attempt=10), TargetState(next_attempt=20)]
    assert next_look(states, 15) == 20
    assert next_look(states, 30) is None


def test_by_default_everything_may_be_written_at_all_times() -> None:
    assert asked() is None


def test_mode_report_writes_nothing() -> None:
    found = asked(mode="report")
    assert found
    assert found.word is Word.DRIFTED


def test_mode_manual_writes_what_a_person_approved_of() -> None:
    found = asked(mode="manual")
    assert found
    assert (found.word, found.reason) == (Word.PENDING, "mode is manual, and nobody approved of this yet")
    assert found.help == "mlgitops rollout approve --env prod, or apply it by hand"
    assert asked(mode="manual", approved=True) is None


@pytest.mark.parametrize(("hour", "may"), [(7, False), (8, True), (15, True), (16, False)])
def test_a_window_is_open_by_its_own_time_zone(hour: int, may: bool) -> None:
    now = datetime(2026, 11, 24, hour, 30, tzinfo=UTC).timestamp()
    found = asked(now, windows=[OFFICE])
    assert (found is None) == may
    assert found is None or (found.word, found.reason) == (Word.PENDING, "no window is open")


def test_a_freeze_wins_over_an_open_window_and_says_why() -> None:
    freeze = {"reason": "year's end", "from": "2026-11-20T00:00:00Z", "until": "2027-01-04T00:00:00Z"}
    found = asked(windows=[OFFICE], freezes=[freeze])
    assert found
    assert found.reason == "frozen: year's end"


@pytest.mark.parametrize(
    "reconcile",
    [
        {"windows": [{**OFFICE, "timezone": "Asia/Nowhere"}]},
        {"freezes": [{"reason": "x", "from": "2026-02-31T00:00:00Z", "until": "2027-01-01T00:00:00Z"}]},
    ],
    ids=["zone", "day"],
)
def test_a_time_that_nobody_knows_lets_nothing_in(reconcile: dict[str, Any]) -> None:
    found = asked(**reconcile)
    assert found
    assert found.reason.startswith("nobody can tell whether it is a time for changes: ")
