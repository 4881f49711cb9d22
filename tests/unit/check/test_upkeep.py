from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import upkeep

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"example.com/jobs@{DIGEST}"
TARGET: dict[str, Any] = {"pushgateway": "http://pushgateway:9091"}


def found(
    resolved_model: Any, target: dict[str, Any] | None = None, name: str = "fraud-detector", **given: Any
) -> list[str]:
    block = {"image": IMAGE, "retention": "30d", **given}
    sink = {"url": "http://sink.example.com", "location": "s3://a/b", "upkeep": block}
    model = resolved_model(name=name, monitoring={"payloadSink": sink}, target={**TARGET, **(target or {})})
    return [
        f"{one.code} {one.pointer.removeprefix('spec.monitoring.payloadSink.upkeep')}" for one in upkeep.check(model)
    ]


def test_an_upkeep_that_can_be_is_let_through(resolved_model: Any) -> None:
    features = [{"name": "a", "min": 0, "max": 0}, {"name": "b", "type": "text", "values": ["x"]}]
    assert found(resolved_model, features=features) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"retention": None}, "upkeep-empty "),
        ({"features": [{"name": "a", "min": 2, "max": 1}]}, "feature-rule .features.0"),
        ({"features": [{"name": "a", "type": "text", "max": 1}]}, "feature-rule .features.0"),
        ({"features": [{"name": "a", "values": ["x"]}]}, "feature-rule .features.0"),
        ({"features": [{"name": "{{a}}"}]}, "unknown-placeholder .features.0"),
        ({"schedule": "61 * * * *"}, "invalid-cron .schedule"),
        ({"timezone": "Mars/Olympus"}, "invalid-timezone .timezone"),
        ({"image": "example.com/jobs:1"}, "image-not-pinned .image"),
        ({"identity": "nobody"}, "unknown-identity .identity"),
        ({"target": {"pushgateway": None}}, "pushgateway-missing "),
        ({"target": {"components": {"argoWorkflows": None}}}, "component-missing "),
        (
            {"features": [{"name": "a"}], "target": {"components": {"prometheusOperator": None}}},
            "component-missing .features",
        ),
        ({"name": "a" * 50}, "name-too-long "),
    ],
)
def test_what_cannot_be_is_told_of(resolved_model: Any, given: dict[str, Any], said: str) -> None:
    assert found(resolved_model, **given) == [said]
