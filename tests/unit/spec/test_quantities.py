from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.spec.quantities import amount, milliseconds, seconds


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("250ms", 250), ("1s", 1_000), ("1h30m", 5_400_000), ("7d", 604_800_000), ("1m1ms", 60_001), ("90s", 90_000)],
)
def test_a_duration_in_milliseconds(duration: str, expected: int) -> None:
    assert milliseconds(duration) == expected


@pytest.mark.parametrize(("duration", "expected"), [("1ms", 1), ("1s", 1), ("1001ms", 2), ("1h", 3600), ("2000ms", 2)])
def test_a_duration_in_seconds_is_rounded_up_and_never_zero(duration: str, expected: int) -> None:
    assert seconds(duration) == expected


@given(st.lists(st.tuples(st.integers(1, 10**6), st.sampled_from(["ms", "s", "m", "h", "d"])), min_size=1, max_size=5))
def test_the_parts_of_a_duration_add_up(parts: list[tuple[int, str]]) -> None:
    whole = "".join(f"{number}{unit}" for number, unit in parts)
    assert milliseconds(whole) == sum(milliseconds(f"{number}{unit}") for number, unit in parts)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("500m", "0.5"), ("2", "2"), ("1.5", "1.5"), ("1k", "1000"), ("1Ki", "1024"), ("512Mi", "536870912"),
        ("4Gi", "4294967296"), ("0.1", "0.1"), ("1E", "1000000000000000000"), ("0", "0"),
    ],
)  # fmt: skip
def test_a_quantity_is_an_exact_number(quantity: str, expected: str) -> None:
    assert amount(quantity) == Decimal(expected)


@given(st.integers(0, 10**9), st.sampled_from(["", "k", "M", "Ki", "Mi", "Gi"]))
def test_a_thousand_of_the_unit_below_is_one_of_the_next(number: int, unit: str) -> None:
    assert amount(f"{number}{unit}") * 1000 == amount(f"{number * 1000}{unit}")
