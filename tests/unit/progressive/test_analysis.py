"""What is judged of two releases by what was measured."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.progressive.analysis import Counts, Judgement, Reading, Verdict, judge, stability_index, worst
from mlgitops.progressive.terms import Analysis, Measure

MEASURE = Measure("errors", "new", "stable", max=5.0)
ANALYSIS = Analysis(60.0, 2, 20, "counted", "age", 120.0, (MEASURE,))


def verdict(
    new: float | None, stable: float | None = None, *, counted: float | None = 100.0, age: float | None = 10.0,
    beside: float | None = 100.0, **bounds: float | None,
) -> Judgement:  # fmt: skip
    measure = Measure("errors", "new", "stable", **{"max": None, **bounds})  # type: ignore[arg-type]
    analysis = replace(ANALYSIS, measures=(measure,))
    return judge(analysis, Counts(counted, beside, age), [Reading("errors", new, stable)])


@pytest.mark.parametrize(
    ("new", "stable", "bounds", "expected"),
    [
        (5.0, None, {"max": 5.0}, Verdict.PASS),
        (5.1, None, {"max": 5.0}, Verdict.FAIL),
        (0.5, None, {"min": 0.5}, Verdict.PASS),
        (0.4, None, {"min": 0.5}, Verdict.FAIL),
        (12.0, 10.0, {"max_ratio": 1.2}, Verdict.PASS),
        (12.1, 10.0, {"max_ratio": 1.2}, Verdict.FAIL),
        (0.0, 0.0, {"max_ratio": 1.2}, Verdict.PASS),
        (0.1, 0.0, {"max_ratio": 1.2}, Verdict.UNKNOWN),
        (0.1, 0.0, {"max_ratio": 1.2, "max": 1.0}, Verdict.PASS),
        (2.0, 0.0, {"max_ratio": 1.2, "max": 1.0}, Verdict.FAIL),
        (9.5, 10.0, {"min_ratio": 0.95}, Verdict.PASS),
        (9.4, 10.0, {"min_ratio": 0.95}, Verdict.FAIL),
        (1.0, 10.0, {"max": 5.0, "min_ratio": 0.5}, Verdict.FAIL),
        (0.0, -0.2, {"max_ratio": 1.5}, Verdict.UNKNOWN),
        (0.0, -0.2, {"max_ratio": 1.5, "max": 1.0}, Verdict.PASS),
        (-10.0, -10.0, {"min_ratio": 0.95}, Verdict.UNKNOWN),
        (-10.0, -10.0, {"min_ratio": 0.95, "max": 1.0}, Verdict.UNKNOWN),
    ],
)
def test_bounds_are_absolute_or_relative_to_the_stable_release(
    new: float, stable: float | None, bounds: dict[str, float], expected: Verdict
) -> None:
    assert verdict(new, stable, **bounds).verdict is expected


@pytest.mark.parametrize("nonsense", [None, nan, inf, -inf])
def test_what_is_no_number_is_unknown_and_never_well(nonsense: float | None) -> None:
    assert verdict(nonsense, max=5.0).verdict is Verdict.UNKNOWN
    assert verdict(1.0, nonsense, max_ratio=2.0).verdict is Verdict.UNKNOWN
    assert verdict(1.0, counted=nonsense, max=5.0).verdict is Verdict.UNKNOWN
    assert verdict(1.0, age=nonsense, max=5.0).verdict is Verdict.UNKNOWN


def test_too_few_requests_or_old_metrics_say_nothing_however_bad() -> None:
    assert verdict(100.0, counted=19.0, max=5.0).reason == "19 requests came to it, of which there must be 20"
    assert verdict(100.0, age=121.0, max=5.0).reason == "its metrics are 121 s old, of which 120 s may be"


@pytest.mark.parametrize("beside", [None, nan, 0.0, 19.0])
def test_too_few_requests_to_the_stable_release_leave_nothing_to_compare_with(beside: float | None) -> None:
    for new in (0.1, 50.0):
        assert verdict(new, 1.0, beside=beside, max_ratio=2.0).verdict is Verdict.UNKNOWN
    assert verdict(50.0, 1.0, beside=beside, max_ratio=2.0, max=5.0).verdict is Verdict.FAIL
    assert verdict(1.0, beside=beside, max=5.0).verdict is Verdict.PASS
    told = "19 requests came to the stable release, of which there must be 20"
    assert verdict(0.1, 1.0, beside=19.0, max_ratio=2.0).reason == told


def test_metrics_of_the_future_are_not_fresh() -> None:
    assert verdict(1.0, age=-121.0, max=5.0).verdict is Verdict.UNKNOWN
    assert verdict(1.0, age=-1.0, max=5.0).verdict is Verdict.PASS


def test_a_failure_says_the_value_and_the_bound() -> None:
    assert verdict(7.5, max=5.0).reason == "errors is 7.5, more than 5"
    assert verdict(9.0, 4.0, max_ratio=1.5).reason == "errors is 9, more than 1.5 times the 4 of the stable release"


def test_the_worst_of_several_counts_and_all_that_was_read_is_kept() -> None:
    well, unknown, bad = (Judgement(one, one.value, (Reading(one.value),)) for one in Verdict if one)
    well, bad, unknown = Judgement(Verdict.PASS, "", well.readings), unknown, bad
    assert worst([]).verdict is Verdict.PASS
    assert worst([well, unknown]).verdict is Verdict.UNKNOWN
    assert worst([unknown, bad, well]).verdict is Verdict.FAIL
    assert len(worst([unknown, bad, well]).readings) == 3


SAME = {1.0: 50.0, 2.0: 90.0, inf: 100.0}


def test_the_same_distribution_has_an_index_of_nothing_however_many_there_are() -> None:
    assert stability_index(SAME, {bound: 3 * count for bound, count in SAME.items()}, 20) == pytest.approx(0.0)


def test_a_distribution_that_moved_has_a_large_index() -> None:
    index = stability_index({1.0: 5.0, 2.0: 10.0, inf: 100.0}, SAME, 20)
    assert index is not None
    assert index > 1.0


@pytest.mark.parametrize(
    "other",
    [
        {},
        {1.0: 10.0, inf: 20.0},
        {1.0: 5.0, 2.0: 9.0, inf: 10.0},
        {1.0: nan, 2.0: 90.0, inf: 100.0},
        {1.0: 5.0, 2.0: 100.0},
    ],
)
def test_buckets_that_cannot_be_compared_have_no_index(other: dict[float, float]) -> None:
    assert stability_index(SAME, other, 20) is None
    assert stability_index(other, SAME, 20) is None


COUNTS = st.lists(st.integers(0, 1000), min_size=3, max_size=3).filter(lambda counts: sum(counts) > 0)


@given(COUNTS, COUNTS)
def test_the_index_is_the_same_either_way_and_never_negative(a: list[int], b: list[int]) -> None:
    one, other = ({1.0: float(x), 2.0: float(x + y), inf: float(x + y + z)} for x, y, z in (a, b))
    index = stability_index(one, other, 1)
    assert index is not None
    assert index >= 0
    assert index == pytest.approx(stability_index(other, one, 1))
