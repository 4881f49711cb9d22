from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from mlgitops.jobs.columns import Columns
from mlgitops.jobs.comparison import LEAST_ROWS, Limits, Measure, compare

Data = tuple[list[str], Any]
MEASURES: tuple[Measure, ...] = get_args(Measure)
THRESHOLDS: dict[Measure, float] = {"psi": 0.2, "ks": 0.1, "wasserstein": 0.1}


def columns(names: list[str], table: Any) -> Columns:
    return {name: [float(value) for value in table[:, index]] for index, name in enumerate(names)}


def drifted(reference: Columns, current: Columns, limits: Limits) -> list[str]:
    return [one.name for one in compare(reference, current, limits) if one.drifted]


def halves(data: Data, random: np.random.Generator) -> tuple[Any, Any]:
    """Two parts of the data that have no row in common, the second with replacement as requests may repeat."""
    _, table = data
    order = random.permutation(len(table))
    half = len(table) // 2
    return table[order[:half]], random.choice(table[order[half:]], size=half)


@pytest.mark.parametrize("data", ["cancer", "wine"])
def test_of_200_resamples_of_real_data_at_most_5_percent_alarm(
    data: str, random: np.random.Generator, request: pytest.FixtureRequest
) -> None:
    """A threshold of 0 leaves the decision to the corrected test alone, whatever the measure: the worst case."""
    found: Data = request.getfixturevalue(data)
    alarms = 0
    for _ in range(200):
        old, new = halves(found, random)
        alarms += bool(drifted(columns(found[0], old), columns(found[0], new), Limits("psi", 0.0)))
    assert alarms <= 10, f"{alarms} of 200"


def test_with_a_threshold_of_nothing_no_measure_alarms_where_another_does_not(
    wine: Data, random: np.random.Generator
) -> None:
    for _ in range(20):
        old, new = halves(wine, random)
        pair = columns(wine[0], old), columns(wine[0], new)
        said = [drifted(*pair, Limits(measure, 0.0)) for measure in MEASURES]
        assert said == [said[0]] * len(MEASURES)


@pytest.mark.parametrize("feature", range(13))
@pytest.mark.parametrize("measure", MEASURES)
def test_a_feature_of_real_data_that_moves_by_its_spread_is_found_and_no_other(
    measure: Measure, feature: int, wine: Data, random: np.random.Generator
) -> None:
    names, _ = wine
    old, new = halves(wine, random)
    new[:, feature] += old[:, feature].std()
    assert drifted(columns(names, old), columns(names, new), Limits(measure, THRESHOLDS[measure])) == [names[feature]]


def test_a_difference_that_is_certain_but_small_is_no_drift(random: np.random.Generator) -> None:
    reference: Columns = {"x": list(random.normal(size=20_000))}
    current: Columns = {"x": list(random.normal(loc=0.06, size=20_000))}
    (found,) = compare(reference, current, Limits("psi", 0.2))
    assert found.p_value < 0.001
    assert not found.drifted


def test_a_difference_that_is_large_but_may_be_chance_is_no_drift(random: np.random.Generator) -> None:
    reference: Columns = {"x": list(random.normal(size=40))}
    current: Columns = {"x": list(random.normal(size=40))}
    (found,) = compare(reference, current, Limits("psi", 0.05))
    assert found.value > 0.05
    assert not found.drifted


@pytest.mark.parametrize("measure", MEASURES)
def test_shares_of_texts_that_move_are_found(measure: Measure) -> None:
    reference: Columns = {"country": [*["ch"] * 150, *["de"] * 100, *["fr"] * 50]}
    current: Columns = {"country": [*["ch"] * 50, *["de"] * 60, *["fr"] * 100, *["xx"] * 90]}
    assert drifted(reference, current, Limits(measure, 0.2)) == ["country"]
    assert drifted(reference, reference, Limits(measure, 0.0)) == []


def test_a_feature_that_is_suddenly_missing_is_found(random: np.random.Generator) -> None:
    values = [float(value) for value in random.normal(size=400)]
    reference: Columns = {"x": list(values), "y": list(values)}
    current: Columns = {"x": [None if index % 2 else value for index, value in enumerate(values)], "z": list(values)}
    found = {one.name: one for one in compare(reference, current, Limits())}
    assert {name: one.drifted for name, one in found.items()} == {"x": True, "y": True}
    assert found["x"].missing == 0.5
    assert found["y"].missing == 1.0


def test_too_few_rows_tell_nothing() -> None:
    few: Columns = {"x": [float(index) for index in range(LEAST_ROWS - 1)]}
    many: Columns = {"x": [float(index) for index in range(500)]}
    assert compare(many, few, Limits()) == ()
    assert compare(few, many, Limits()) == ()


def test_a_feature_that_never_changes_does_not_drift() -> None:
    constant: Columns = {"x": [1.0] * 100, "t": ["a"] * 100}
    assert drifted(constant, constant, Limits("wasserstein", 0.0)) == []


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(("before", "after"), [([1.0] * 500, [0.0] * 500), ([1.0] * 475 + [0.0] * 25, [0.0] * 500)])
def test_a_number_that_is_nearly_always_the_same_and_then_a_smaller_one_is_found(
    measure: Measure, before: list[float], after: list[float]
) -> None:
    assert drifted({"flag": [*before]}, {"flag": [*after]}, Limits(measure)) == ["flag"]
    few: Columns = {"flag": [*before[::5]]}
    assert drifted({"flag": [*before]}, few, Limits(measure, 0.0)) == []


def test_a_single_text_among_numbers_hides_no_drift(random: np.random.Generator) -> None:
    values = [float(value) for value in random.normal(size=400)]
    (found,) = compare({"x": [*values]}, {"x": ["n/a", *(value + 5 for value in values[1:])]}, Limits())
    assert (found.kind, found.drifted) == ("number", True)
    assert found.missing == pytest.approx(1 / 400)
