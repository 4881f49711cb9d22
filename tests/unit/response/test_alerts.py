"""Only alerts that Git has rendered for a target become causes."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.response.alerts import MOST_VALUES, firing, measures, values, watch
from mlgitops.response.cause import Cause, Signal

LABELS = {"model": "iris", "version": "1.0", "environment": "prod", "target": "aws"}


def rule(name: str, expr: str = "up == 0", **labels: str) -> dict[str, Any]:
    return {"alert": name, "expr": expr, "labels": {**LABELS, **labels}}


RULES = [
    rule("ModelDataDrift"), rule("ModelErrorBurst", "errors > 5"), rule("ModelTrafficMissing"),
    rule("ModelBusinessMetricBelowFloor", "(\nclicks\n) < 3", metric="clicks"),
]  # fmt: skip
WATCH = watch("prod", "aws", [{"kind": "PrometheusRule", "spec": {"groups": [{"rules": RULES}]}}, {"kind": "Service"}])


def fires(name: str, **labels: str) -> list[Cause]:
    return firing(WATCH, [({"alertname": name, **LABELS, **labels}, 1.0)])


def test_a_rendered_alert_that_fires_is_a_cause() -> None:
    assert fires("ModelDataDrift") == [Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")]
    (business,) = fires("ModelBusinessMetricBelowFloor", metric="clicks")
    assert business.name == "ModelBusinessMetricBelowFloor/clicks"


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("ModelTrafficMissing", {}),
        ("SomebodyElses", {}),
        ("ModelStale", {}),
        ("ModelDataDrift", {"model": "rose"}),
        ("ModelDataDrift", {"version": "9.9; rm"}),
        ("ModelDataDrift", {"target": "gcp"}),
        ("ModelDataDrift", {"environment": "dev"}),
        ("ModelBusinessMetricBelowFloor", {"metric": "views"}),
    ],
    ids=str,
)
def test_whatever_else_is_there_is_none(name: str, labels: dict[str, str]) -> None:
    assert not fires(name, **labels)


@pytest.mark.parametrize("value", [0.0, float("nan"), 2.0])
def test_an_alert_that_is_not_one_is_none(value: float) -> None:
    assert not firing(WATCH, [({"alertname": "ModelDataDrift", **LABELS}, value)])


def test_the_numbers_behind_are_those_of_the_rule_and_of_drift_those_of_the_features() -> None:
    (errors,) = fires("ModelErrorBurst")
    assert measures(WATCH, errors) == ["errors > 5"]
    (drift,) = fires("ModelDataDrift")
    assert measures(WATCH, drift)[1].startswith('mlgitops_drift_feature{model="iris",version="1.0"')


def test_numbers_are_few_finite_and_the_largest_first() -> None:
    samples = [({"feature": f"f{index}"}, float(index)) for index in range(50)] + [({}, float("nan"))]
    found = values("ModelDataDrift", samples)
    assert len(found) == MOST_VALUES
    assert (found[0].name, found[0].value) == ("f49", 49.0)
