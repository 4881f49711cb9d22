from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import monitoring
from mlgitops.finding import Severity
from mlgitops.render import monitoring as rendering

KNATIVE = {"serving": {"deploymentMode": "Knative"}}
NO_OPERATOR = {"components": {"prometheusOperator": None}}
AVAILABILITY: dict[str, Any] = {"metric": "availability", "objective": 99.9}
LATENCY: dict[str, Any] = {"metric": "latency", "objective": 99, "threshold": "250ms"}
BUSINESS = {"name": "saved", "query": "sum(x)", "floor": 1}


def _objectives(*objectives: dict[str, Any]) -> dict[str, Any]:
    return {"monitoring": {"objectives": list(objectives)}}


@pytest.mark.parametrize("served", ["sklearn", "xgboost", "lightgbm", "paddle", "pmml", "mlflow"])
def test_what_can_be_measured_may_be_asked_for(resolved_model: Any, served: str) -> None:
    watched = {"objectives": [AVAILABILITY, LATENCY], "staleness": {"maxAge": "30d"}, "business": [BUSINESS]}

    assert list(monitoring.check(resolved_model(serving={"format": served}, monitoring=watched))) == []


@pytest.mark.parametrize(
    ("code", "pointer", "model"),
    [
        ("metrics-not-scraped", "spec.monitoring.metrics", {"target": NO_OPERATOR}),
        ("metrics-not-scraped", "spec.monitoring.metrics", {"serving": {"format": "tensorflow"}}),
        ("metrics-not-scraped", "spec.monitoring.metrics", {"serving": {"format": "onnx"}, "target": KNATIVE}),
        ("metrics-not-scraped", "spec.monitoring.metrics", {"serving": {"mode": "llm", "format": None}}),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"mode": "llm", "format": None}, "monitoring": {"metrics": False, "objectives": [LATENCY]}},
        ),
        (
            "component-missing", "spec.monitoring.staleness",
            {"monitoring": {"metrics": False, "staleness": {"maxAge": "1d"}}, "target": NO_OPERATOR},
        ),
        (
            "component-missing", "spec.monitoring.business",
            {"monitoring": {"metrics": False, "business": [BUSINESS]}, "target": NO_OPERATOR},
        ),
        (
            "trained-at-missing", "spec.monitoring.staleness",
            {"monitoring": {"staleness": {"maxAge": "1d"}}, "release": {"trainedAt": None}},
        ),
        ("time-invalid", "spec.release.trainedAt", {"release": {"trainedAt": "2026-02-30T00:00:00Z"}}),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"format": "onnx"}, **_objectives(LATENCY)},
        ),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"format": "pytorch"}, **_objectives(AVAILABILITY)},
        ),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"format": "huggingface"}, **_objectives(AVAILABILITY)},
        ),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"runtime": "ours", "port": 80}, **_objectives(AVAILABILITY)},
        ),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"monitoring": {"metrics": False, "objectives": [AVAILABILITY]}},
        ),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"mode": "batch"}, **_objectives(AVAILABILITY)},
        ),
        (
            "objective-not-measurable", "spec.monitoring.objectives.0",
            {"serving": {"mode": "streaming"}, **_objectives(AVAILABILITY)},
        ),
        ("metrics-not-scraped", "spec.monitoring.metrics",
         {"serving": {"mode": "streaming", "port": 8080}, "target": NO_OPERATOR}),
        ("component-missing", "spec.monitoring.lag",
         {"serving": {"mode": "streaming"}, "monitoring": {"lag": {"max": 1}}, "target": NO_OPERATOR}),
        ("lag-not-measurable", "spec.monitoring.lag", {"monitoring": {"lag": {"max": 1}}}),
        ("threshold-missing", "spec.monitoring.objectives.0", _objectives({**LATENCY, "threshold": None})),
        ("threshold-not-measured", "spec.monitoring.objectives.0.threshold",
         _objectives({**LATENCY, "threshold": "200ms"})),
        ("threshold-unused", "spec.monitoring.objectives.0.threshold",
         _objectives({**AVAILABILITY, "threshold": "250ms"})),
        ("objective-window", "spec.monitoring.objectives.0.window", _objectives({**AVAILABILITY, "window": "2d"})),
        ("objective-empty", "spec.monitoring.objectives.0.objective", _objectives({**AVAILABILITY, "objective": 0})),
        ("objective-too-low", "spec.monitoring.objectives.0.objective", _objectives({**AVAILABILITY, "objective": 93})),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_found(resolved_model: Any, code: str, pointer: str, model: Any) -> None:
    found = list(monitoring.check(resolved_model(**model)))

    assert [(finding.code, finding.pointer) for finding in found] == [(code, pointer)]


def test_metrics_that_are_only_on_by_default_are_missed_with_a_warning(resolved_model: Any) -> None:
    (finding,) = monitoring.check(resolved_model(target=NO_OPERATOR))

    assert finding.severity is Severity.WARNING
    assert finding.code in monitoring.POLICY_CODES


@pytest.mark.parametrize("mode", ["Standard", "Knative"])
@pytest.mark.parametrize("operator", ["0.85.0", None])
@pytest.mark.parametrize("served", ["sklearn", "mlflow", "onnx", "pytorch", "tensorflow", "huggingface"])
def test_nothing_that_was_asked_for_is_dropped_without_a_word(
    resolved_model: Any, served: str, operator: str | None, mode: str
) -> None:
    target = {"components": {"prometheusOperator": operator}, "serving": {"deploymentMode": mode}}
    model = resolved_model(serving={"format": served}, target=target, **_objectives(AVAILABILITY))

    rendered = {manifest["kind"] for manifest in rendering.render(model)}
    codes = {finding.code for finding in monitoring.check(model)}

    assert ("PodMonitor" in rendered) != ("metrics-not-scraped" in codes)
    assert ("PrometheusRule" in rendered) or codes & {"component-missing", "objective-not-measurable"}


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [("1970-01-01T00:00:00Z", 0), ("1970-01-01T01:00:00+01:00", 0), ("2026-01-01T00:00:00.5Z", 1767225600)],
)
def test_times_are_seconds_since_1970(timestamp: str, expected: int) -> None:
    assert monitoring.unix_time(timestamp) == expected
