from __future__ import annotations

from typing import Any

import pytest

from mlgitops.compile.quantities import duration, seconds_of


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
