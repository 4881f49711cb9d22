from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import drift, monitoring, realtime
from mlgitops.render.drift_alerts import drift_alerts

DIGEST = "sha256:" + "0123456789abcdef" * 4
WATCHED: dict[str, Any] = {
    "payloadSink": {"url": "http://sink.example.com", "location": "store://artifacts/requests"},
    "drift": {"image": f"example.com/jobs@{DIGEST}", "schedule": "5 * * * *", "timezone": "Europe/Zurich"},
}
RELEASE = {"reference": "s3://example-data/fraud/train.csv"}
TARGET = {"pushgateway": "http://pushgateway.monitoring:9091"}


@pytest.fixture
def model(resolved_model: Any) -> Callable[..., Any]:
    def make(monitored: dict[str, Any] | None = None, **more: Any) -> Any:
        watched = {**WATCHED, **(monitored or {})}
        given = {"release": RELEASE, "target": TARGET, **more}
        return resolved_model(monitoring=watched, **given)

    return make


def schedule(manifests: list[Manifest]) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == "CronWorkflow")


def arguments(manifests: list[Manifest]) -> dict[str, str]:
    (template,) = schedule(manifests)["spec"]["workflowSpec"]["templates"]
    return dict(text.removeprefix("--").split("=", 1) for text in template["container"]["args"])


def test_the_job_as_it_was_reviewed(model: Any, golden: Callable[[str, str], None], manifests_text: Any) -> None:
    golden("render/drift.yaml", manifests_text(in_order(drift.render(model()))))


def test_the_alerts_as_they_were_reviewed(model: Any, golden: Callable[[str, str], None], manifests_text: Any) -> None:
    watched = model(governance={"runbook": "https://runbooks.example.com/fraud"})
    rules = [one for one in monitoring.render(watched) if one["kind"] == "PrometheusRule"]
    golden("render/drift-alerts.yaml", manifests_text(rules))


def test_the_document_is_what_hera_knows_of_argo(model: Any, through_hera: Any) -> None:
    document = schedule(drift.render(model()))
    assert through_hera(document)["spec"] == document["spec"]


def test_its_arguments_are_those_that_the_program_takes(model: Any) -> None:
    from mlgitops.jobs.drift import parser

    given = arguments(drift.render(model()))
    taken = vars(parser().parse_args([f"--{name}={value}" for name, value in given.items()]))
    assert taken["payloads"] == "s3://example-models/requests"
    assert (taken["measure"], taken["threshold"], taken["window"]) == ("psi", 0.2, 86_400)


EVIDENCE = {
    "image": f"example.com/mlgitops@{DIGEST}", "repository": "https://forge.example.com/shop/models.git",
    "path": "ml", "credentials": {"secret": "forge", "key": "login"},
}  # fmt: skip


def test_with_evidence_as_it_was_reviewed(
    model: Any, golden: Callable[[str, str], None], manifests_text: Any, through_hera: Any
) -> None:
    document = schedule(drift.render(model({"drift": {**WATCHED["drift"], "evidence": EVIDENCE}})))
    golden("render/drift-evidence.yaml", manifests_text([document]))
    assert through_hera(document)["spec"] == document["spec"]


def test_the_evidence_is_proposed_by_a_command_that_there_is(model: Any) -> None:
    import click

    from mlgitops.cli.evidence import add

    document = schedule(drift.render(model({"drift": {**WATCHED["drift"], "evidence": EVIDENCE}})))
    steps, compare, propose = document["spec"]["workflowSpec"]["templates"]
    assert document["spec"]["workflowSpec"]["entrypoint"] == steps["name"]
    assert {one["name"] for one in compare["outputs"]["parameters"]} == {"drift", "measured"}
    group, verb, *arguments = propose["container"]["args"]
    assert (group, verb, arguments[0]) == ("evidence", "add", "fraud-detector")
    known = {name for option in add.params if isinstance(option, click.Option) for name in option.opts}
    assert {text.partition("=")[0] for text in arguments[1:]} <= known


def test_without_drift_there_is_no_job(resolved_model: Any) -> None:
    assert drift.render(resolved_model()) == []


def test_the_sink_is_the_loggers(model: Any) -> None:
    (service,) = (one for one in realtime.render(model()) if one["kind"] == "InferenceService")
    assert service["spec"]["predictor"]["logger"] == {"mode": "request", "url": "http://sink.example.com"}


def test_volume_claims_are_mounted_to_be_read(model: Any) -> None:
    sink = {"url": "http://sink.example.com", "location": "pvc://logs/fraud"}
    manifests = drift.render(model({"payloadSink": sink}, release={"reference": "pvc://data/train.csv"}))
    workflow = schedule(manifests)["spec"]["workflowSpec"]
    assert [one["persistentVolumeClaim"] for one in workflow["volumes"]] == [
        {"claimName": "data", "readOnly": True}, {"claimName": "logs", "readOnly": True},
    ]  # fmt: skip
    assert arguments(manifests)["payloads"] == "/mnt/logs/fraud"
    assert arguments(manifests)["reference"] == "/mnt/data/train.csv"


@pytest.mark.parametrize(("strategy", "version", "service"), [
    ("canary", "1.4.0", "fraud-detector-canary"), ("shadow", "1.3.0", "fraud-detector"),
])  # fmt: skip
def test_of_two_releases_the_new_one_is_compared_unless_it_is_a_shadow(
    model: Any, strategy: str, version: str, service: str
) -> None:
    stable = {"version": "1.3.0", "artifact": {"uri": "s3://models/fraud/1.3.0"}, **RELEASE}
    both = model(
        rollout={"strategy": strategy, "stable": stable}, release={"version": "1.4.0", **RELEASE},
    )  # fmt: skip
    given = arguments(drift.render(both))
    assert (given["version"], given["service"]) == (version, service)
    rules = [
        rule
        for one in monitoring.render(both)
        if one["kind"] == "PrometheusRule"
        for group in one["spec"]["groups"]
        for rule in group["rules"]
    ]
    assert {rule["labels"]["version"] for rule in rules if rule["alert"] == "ModelDataDrift"} == {version}


def test_the_alert_asks_for_the_metric_that_the_job_writes(model: Any) -> None:
    from mlgitops.jobs.told import LABELS

    rules = drift_alerts(model())
    assert [rule["alert"] for rule in rules] == ["ModelDataDrift", "ModelDriftNotMeasured", "ModelDriftNotMeasured"]
    for rule in rules:
        assert all(f'{label}="' in rule["expr"] for label in LABELS)


def test_every_source_is_a_field_that_is_rendered(model: Any) -> None:
    sink = {"url": "http://sink.example.com", "location": "pvc://logs/fraud"}
    onprem = {**TARGET, "cloud": "onprem", "identities": {"reader": {"principal": "login"}}}
    document = schedule(drift.render(model({"payloadSink": sink, "drift": {
        **WATCHED["drift"], "identity": "reader",
    }}, target=onprem)))  # fmt: skip
    for path in drift.SOURCES["CronWorkflow"]:
        if "podMetadata" not in path and "cpuLimit" not in path:
            assert has(document, path.split(".")), path


def has(value: Any, path: list[str]) -> bool:
    if isinstance(value, list):
        return any(has(item, path) for item in value)
    return not path or (path[0] in value and has(value[path[0]], path[1:]))
