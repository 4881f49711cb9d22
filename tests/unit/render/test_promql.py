from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.render.promql import number, prometheus_duration
from mlgitops.spec.quantities import milliseconds


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("30s", "30s"), ("90m", "1h30m"), ("30m1h", "1h30m"), ("1500ms", "1s500ms"), ("36h", "1d12h"), ("7d", "7d")],
)
def test_durations_are_written_as_prometheus_reads_them(ours: str, theirs: str) -> None:
    assert prometheus_duration(ours) == theirs


@given(st.lists(st.tuples(st.integers(1, 5000), st.sampled_from(["ms", "s", "m", "h", "d"])), min_size=1))
def test_a_duration_keeps_its_length_and_names_each_unit_once(parts: list[tuple[int, str]]) -> None:
    ours = "".join(f"{count}{unit}" for count, unit in parts)

    theirs = prometheus_duration(ours)

    assert milliseconds(theirs) == milliseconds(ours)
    assert re.fullmatch(r"(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?", theirs)


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (500.0, "500"), (1e21, "1" + "0" * 21), (1e-7, "0.0000001"), (-2.0, "-2")]
)
def test_numbers_have_no_exponent(value: float, text: str) -> None:
    assert number(value) == text
