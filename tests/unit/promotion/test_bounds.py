from __future__ import annotations

import pytest

from mlgitops.promotion.bounds import Bounds, broken, with_bounds

METRICS = [
    {"name": "accuracy", "value": 0.9, "higherIsBetter": True},
    {"name": "loss", "value": 0.2, "higherIsBetter": True},
]


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        (Bounds(), []),
        (Bounds({"accuracy": 0.9}, {"loss": 0.2}), []),
        (Bounds({"accuracy": 0.91}), ["accuracy is 0.9, and must be at least 0.91"]),
        (Bounds({}, {"loss": 0.1}), ["loss is 0.2, and must be at most 0.1"]),
        (Bounds({"accuracy": 0.1}, {"accuracy": 0.8}), ["accuracy is 0.9, and must be at most 0.8"]),
        (Bounds({"recall": 0.5}), ["recall was not measured"]),
    ],
)
def test_bounds_that_are_not_held_are_told(bounds: Bounds, told: list[str]) -> None:
    assert list(broken(METRICS, bounds)) == told


def test_a_metric_keeps_its_bound_and_which_way_is_better() -> None:
    accuracy, loss = with_bounds(METRICS, Bounds({"accuracy": 0.8}, {"accuracy": 1.0, "loss": 0.3}))
    assert accuracy == {"name": "accuracy", "value": 0.9, "higherIsBetter": True, "threshold": 0.8}
    assert loss == {"name": "loss", "value": 0.2, "higherIsBetter": False, "threshold": 0.3}
