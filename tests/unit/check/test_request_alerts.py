from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import request_alerts

WATCHED: dict[str, Any] = {"errorBurst": {}, "missingTraffic": {}}


@pytest.mark.parametrize("served", ["sklearn", "xgboost", "mlflow", "onnx"])
def test_requests_that_are_counted_may_be_watched(resolved_model: Any, served: str) -> None:
    assert list(request_alerts.check(resolved_model(serving={"format": served}, monitoring=WATCHED))) == []


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ({"serving": {"format": "pytorch"}}, "not counted by runtime kserve-torchserve: TorchServe exports"),
        ({"serving": {"mode": "batch", "batch": {"command": ["x"], "input": "s3://a/b", "output": "s3://a/c"}}},
         "not counted in mode batch"),
        ({"monitoring": {**WATCHED, "metrics": False}}, "metrics are not scraped"),
        ({"serving": {"format": "onnx"}, "target": {"serving": {"deploymentMode": "Knative"}}},
         "metrics are not scraped"),
    ],
)  # fmt: skip
def test_requests_that_are_not_counted_are_told_of(resolved_model: Any, model: dict[str, Any], why: str) -> None:
    found = list(request_alerts.check(resolved_model(**{"monitoring": WATCHED, **model})))
    assert [one.code for one in found] == ["requests-not-counted"] * 2
    assert all(why in one.message for one in found)
    assert [one.pointer for one in found] == ["spec.monitoring.errorBurst", "spec.monitoring.missingTraffic"]


def test_a_window_holds_enough_scrapes(resolved_model: Any) -> None:
    monitoring = {"interval": "2m", "errorBurst": {"over": "7m"}, "missingTraffic": {}}
    found = list(request_alerts.check(resolved_model(monitoring=monitoring)))
    assert [(one.code, one.pointer) for one in found] == [
        ("requests-window", "spec.monitoring.errorBurst.over"), ("requests-window", "spec.monitoring.interval"),
    ]  # fmt: skip


def test_without_an_operator_the_rule_of_the_operator_says_so(resolved_model: Any) -> None:
    target = {"components": {"prometheusOperator": None}}
    assert list(request_alerts.check(resolved_model(monitoring=WATCHED, target=target))) == []
