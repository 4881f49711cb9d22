"""Lines with times in any zone, and which of them are new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.targets.log_lines import NEVER, lines_of, mark_after, moment, second_of, unread
from mlgitops.targets.logs import LogLine, Mark

SECOND = "2026-01-01T00:00:0"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-01-01T00:00:00.000000001Z", "2026-01-01T00:00:00.000000002Z"),
        ("2026-01-01T02:00:00.5+02:00", "2026-01-01T00:00:00.6Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1Z"),
        ("2025-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00Z"),
        ("no time", "1970-01-01T00:00:00Z"),
    ],
)
def test_times_are_compared_to_the_billionth_of_a_second_whatever_their_zone(earlier: str, later: str) -> None:
    assert moment(earlier) < moment(later)


@pytest.mark.parametrize(
    "time", ["", "now", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "1960-01-01T00:00:00Z"]
)
def test_what_is_no_time_is_never(time: str) -> None:
    assert moment(time) in {NEVER, (253402343999, 0)}


def test_a_line_without_a_time_belongs_to_the_one_before() -> None:
    body = b"unable to retrieve logs\n2026-01-01T00:00:01Z one\n  at line 3\n2026-01-01T00:00:02.5+01:00 \n"
    assert lines_of(body) == [
        LogLine("", "unable to retrieve logs"), LogLine("2026-01-01T00:00:01Z", "one"),
        LogLine("2026-01-01T00:00:01Z", "  at line 3"), LogLine("2026-01-01T00:00:02.5+01:00", ""),
    ]  # fmt: skip
    assert lines_of(b"") == []


@given(st.binary())
def test_any_bytes_are_lines(body: bytes) -> None:
    assert "\n".join(line.text for line in lines_of(body)).count("\n") == body.removesuffix(b"\n").count(b"\n")


def test_the_api_is_asked_from_the_whole_second_on_in_utc() -> None:
    assert second_of("2026-01-01T01:00:09.999999999+01:00") == "2026-01-01T00:00:09Z"


@given(st.lists(st.integers(0, 3), max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_however_often_one_looks_each_line_is_told_once(gaps: list[int], looks: list[int]) -> None:
    times = [sum(gaps[: index + 1]) for index in range(len(gaps))]
    lines = [LogLine(f"2026-01-01T00:00:{time // 2:02}.{time % 2}Z", str(index)) for index, time in enumerate(times)]
    mark, told = Mark(), []
    for end in [*sorted(min(look, len(lines)) for look in looks), len(lines)]:
        there = [line for line in lines[:end] if not mark.at or moment(line.at) >= moment(second_of(mark.at))]
        new = unread(there, mark)
        told += [line.text for line in new]
        mark = mark_after(new, mark, ended=False)
    assert told == [line.text for line in lines]


def test_a_mark_says_when_its_stream_is_over() -> None:
    assert mark_after([], Mark("x", 2), ended=True) == Mark("x", 2, True)
    assert mark_after([LogLine(f"{SECOND}1Z", "a"), LogLine(f"{SECOND}1Z", "b")], Mark(), ended=False) == Mark(
        f"{SECOND}1Z", 2
    )
