from __future__ import annotations

from typing import Any

import pytest

from mlgitops.compile.notes import Notes
from mlgitops.compile.quantities import duration, resources, seconds_of
from mlgitops.compile.written import Where, Written


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "1s"), (60, "1m"), (90, "90s"), (3600, "1h"), (5400, "90m"), (86400, "1d")]
)
def test_seconds_are_in_the_largest_unit_that_holds_them_in_whole(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(90, 90), ("90", 90), ("1h30m", 5400), ("2m", 120), ("5s", 5), ("", None), ("soon", None), ("1.5h", None)],
)
def test_lengths_of_time_are_read_as_argo_writes_them(value: Any, seconds: int | None) -> None:
    assert seconds_of(value) == seconds


def test_accelerators_that_are_not_counted_in_whole_numbers_are_refused() -> None:
    notes = Notes(Written("a.yaml", "", ""))
    made = resources({"limits": {"cpu": 1, "nvidia.com/gpu": "0.5"}}, {"nvidia.com/gpu": "t4"}, notes, Where((), "it"))
    assert made == {"cpu": "1"}
    assert [finding.message for finding in notes.findings] == ["it asks for 0.5 of nvidia.com/gpu"]


def test_a_resource_without_an_amount_is_not_asked_for() -> None:
    notes = Notes(Written("a.yaml", "", ""))
    assert resources({"limits": {"nvidia.com/gpu": None}}, {"nvidia.com/gpu": "t4"}, notes, Where()) == {}
    assert notes.findings == []
