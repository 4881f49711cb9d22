from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import monitoring

AVAILABILITY = {"metric": "availability", "objective": 99.9}
LATENCY = {"metric": "latency", "objective": 99, "threshold": "250ms"}
WATCHED: dict[str, Any] = {
    "objectives": [AVAILABILITY, LATENCY],
    "staleness": {"maxAge": "90d"},
    "business": [{"name": "fraud-stopped", "query": "sum(saved_total)", "floor": 0.5, "over": "90m"}],
}
KNATIVE = {"serving": {"deploymentMode": "Knative"}}


@pytest.fixture
def alerts(resolved_model: Any) -> Callable[..., list[dict[str, Any]]]:
    """Renders a model; gives its alerting rules in order."""

    def render(**model: Any) -> list[dict[str, Any]]:
        rule = _only(monitoring.render(resolved_model(**model)), "PrometheusRule")
        return [alert for group in rule["spec"]["groups"] for alert in group["rules"]]

    return render


def _only(manifests: list[Manifest], kind: str) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == kind)


@pytest.mark.parametrize("fmt", ["sklearn", "mlflow"])
def test_everything_as_it_was_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any, fmt: str
) -> None:
    model = resolved_model(
        serving={"format": fmt}, monitoring=WATCHED, governance={"runbook": "https://runbooks.example.com/fraud"}
    )

    golden(f"render/monitoring-{fmt}.yaml", manifests_text(in_order(monitoring.render(model))))


def test_triton_as_it_was_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any
) -> None:
    model = resolved_model(serving={"format": "onnx"}, monitoring={"objectives": [AVAILABILITY]})

    golden("render/monitoring-onnx.yaml", manifests_text(in_order(monitoring.render(model))))


def test_without_an_operator_nothing_is_rendered(resolved_model: Any) -> None:
    model = resolved_model(monitoring=WATCHED, target={"components": {"prometheusOperator": None}})

    assert monitoring.render(model) == []


@pytest.mark.parametrize(
    ("serving", "target", "port"),
    [
        ({"format": "sklearn"}, {}, "http1"),
        ({"format": "onnx"}, {}, "metrics"),
        ({"format": "sklearn"}, KNATIVE, "user-port"),
        ({"runtime": "our-runtime", "port": 7000}, {}, "http1"),
    ],
)
def test_the_declared_port_is_scraped(resolved_model: Any, serving: Any, target: Any, port: str) -> None:
    monitor = _only(monitoring.render(resolved_model(serving=serving, target=target)), "PodMonitor")

    assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == port


@pytest.mark.parametrize(
    ("model", "target"),
    [
        ({"serving": {"format": "tensorflow"}}, {}),
        ({"serving": {"format": "onnx"}}, KNATIVE),
        ({"serving": {"format": "onnx", "protocol": "grpc-v2"}}, KNATIVE),
        ({"serving": {"runtime": "our-runtime"}}, {}),
        ({"monitoring": {"metrics": False}}, {}),
    ],
)
def test_what_cannot_be_scraped_has_no_monitor(resolved_model: Any, model: Any, target: Any) -> None:
    assert monitoring.render(resolved_model(target=target, **model)) == []


def test_a_burn_rate_that_not_even_an_outage_reaches_is_left_out(alerts: Any) -> None:
    rules = alerts(monitoring={"objectives": [{"metric": "availability", "objective": 90}]})

    assert [rule["labels"]["window"] for rule in rules] == ["6h", "3d"]


def test_an_objective_is_watched_fast_and_slowly(alerts: Any) -> None:
    rules = alerts(monitoring={"objectives": [AVAILABILITY]})

    seen = [(rule["labels"]["window"], rule["labels"]["severity"], rule["expr"].split(" > ")[-1]) for rule in rules]
    assert seen == [("1h", "page", "0.0144"), ("6h", "page", "0.006"), ("3d", "ticket", "0.001")]
    assert all(rule["expr"].count("\nand\n") == 1 for rule in rules)


def test_staleness_is_counted_from_the_releases_training(alerts: Any) -> None:
    (rule,) = alerts(release={"trainedAt": "1970-01-02T01:00:00+01:00"}, monitoring={"staleness": {"maxAge": "1h"}})

    assert rule["expr"] == "vector(time()) - 86400 > 3600"


def test_a_query_may_end_in_a_comment(alerts: Any) -> None:
    business = [{"name": "saved", "query": "sum(saved_total) # in euros", "floor": 1e9, "over": "90m"}]

    (rule,) = alerts(monitoring={"business": business})

    assert rule["expr"] == "(\nsum(saved_total) # in euros\n) < 1000000000"
    assert rule["for"] == "1h30m"


def test_alerts_say_what_they_are_about(alerts: Any) -> None:
    rules = alerts(monitoring=WATCHED, environment="prod", governance={"runbook": "https://example.com/runbook"})

    for rule in rules:
        labels, annotations = rule["labels"], rule["annotations"]
        assert labels["model"] == "fraud-detector"
        assert labels["version"] == "1.4.0"
        assert (labels["environment"], labels["target"]) == ("prod", "aws-prod")
        assert annotations["summary"]
        assert annotations["description"]
        assert annotations["runbook_url"] == "https://example.com/runbook"


def test_a_batch_model_keeps_alerts_that_need_no_requests(resolved_model: Any) -> None:
    batch = {"command": ["score"], "input": "s3://a/b", "output": "s3://a/c"}
    model = resolved_model(serving={"mode": "batch", "batch": batch}, monitoring={"staleness": {"maxAge": "90d"}})

    assert [manifest["kind"] for manifest in monitoring.render(model)] == ["PrometheusRule"]


STREAM = {"image": "example.com/a:1", "brokers": ["kafka:9092"], "topic": "in.v1", "group": "fraud:dev"}


def test_a_stream_s_lag_is_watched_where_it_is_counted(alerts: Any) -> None:
    (rule,) = alerts(serving={"mode": "streaming", "streaming": STREAM}, monitoring={"lag": {"max": 500}})

    assert rule["alert"] == "ModelStreamLag"
    assert rule["expr"] == 'sum(kafka_consumergroup_lag{consumergroup="fraud:dev", topic="in.v1"}) > 500'
    assert rule["for"] == "15m"


def test_a_consumer_is_scraped_where_it_has_a_port(resolved_model: Any) -> None:
    def rendered(**serving: Any) -> list[Manifest]:
        return monitoring.render(resolved_model(serving={"mode": "streaming", "streaming": STREAM, **serving}))

    (monitor,) = rendered(port=4195)
    assert monitor["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] == "consumer"
    assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == "http"
    assert rendered() == []


def test_every_source_is_a_field_of_a_manifest_that_is_rendered(resolved_model: Any) -> None:
    governance = {"runbook": "https://example.com/runbook"}
    watched = {**WATCHED, "dashboard": True}
    manifests = monitoring.render(resolved_model(monitoring=watched, governance=governance))
    by_kind = {manifest["kind"]: manifest for manifest in manifests}

    for kind, paths in monitoring.SOURCES.items():
        for path in paths:
            assert _has(by_kind[kind], path.split(".")), f"{kind} {path}"


def _has(value: Any, path: list[str]) -> bool:
    if isinstance(value, list):
        return any(_has(item, path) for item in value)
    return not path or (path[0] in value and _has(value[path[0]], path[1:]))
