"""The job that keeps logged requests, and its alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.jobs.schema import fields_in
from mlgitops.jobs.sink import parser
from mlgitops.manifest import Manifest, in_order
from mlgitops.render import monitoring, upkeep
from mlgitops.render.field_sources import spec_pointer
from mlgitops.render.upkeep_alerts import upkeep_alerts

DIGEST = "sha256:" + "0123456789abcdef" * 4
FEATURES = [
    {"name": "amount", "min": 0, "max": 1e6},
    {"name": "country", "type": "text", "values": ["CH", "DE"]},
    {"name": "note", "type": "text", "required": False},
]
UPKEEP: dict[str, Any] = {"image": f"example.com/jobs@{DIGEST}", "retention": "30d", "features": FEATURES}
TARGET = {"pushgateway": "http://pushgateway.monitoring:9091"}


@pytest.fixture
def model(resolved_model: Any) -> Callable[..., Any]:
    def make(location: str = "store://artifacts/requests", upkeep: dict[str, Any] | None = None, **more: Any) -> Any:
        sink = {"url": "http://sink.example.com", "location": location, "upkeep": UPKEEP if upkeep is None else upkeep}
        return resolved_model(monitoring={"payloadSink": sink}, target=TARGET, **more)

    return make


def schedule(manifests: list[Manifest]) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == "CronWorkflow")


def taken(model: Any) -> dict[str, Any]:
    """The job's arguments as its program takes them."""
    (template,) = schedule(upkeep.render(model))["spec"]["workflowSpec"]["templates"]
    return vars(parser().parse_args(template["container"]["args"]))


def test_as_it_was_reviewed(model: Any, golden: Callable[[str, str], None], manifests_text: Any) -> None:
    watched = model(governance={"runbook": "https://runbooks.example.com/fraud"})
    rules = [one for one in monitoring.render(watched) if one["kind"] == "PrometheusRule"]
    golden("render/upkeep.yaml", manifests_text(in_order([*upkeep.render(watched), *rules])))


def test_the_document_is_what_hera_knows_of_argo(model: Any, through_hera: Any) -> None:
    document = schedule(upkeep.render(model()))
    assert through_hera(document)["spec"] == document["spec"]


def test_the_program_is_told_what_the_model_says(model: Any) -> None:
    found = taken(model())
    assert (found["retention"], found["window"], found["service"]) == (30 * 86_400, 86_400, ["fraud-detector"])
    assert found["payloads"] == "s3://example-models/requests"
    amount, country, note = fields_in(found["schema"])
    assert (amount.kind, amount.least, amount.most, amount.required) == ("number", 0, 1e6, True)
    assert country.values == {"CH", "DE"}
    assert (note.kind, note.required) == ("text", False)


def test_a_schema_holds_no_tag_of_argo_s(model: Any) -> None:
    assert not any(brackets in taken(model())["schema"] for brackets in ("{{", "}}"))


def test_a_volume_is_mounted_for_writing(model: Any) -> None:
    there = model("pvc://requests/fraud")
    spec = schedule(upkeep.render(there))["spec"]["workflowSpec"]
    assert spec["volumes"] == [{"name": "requests", "persistentVolumeClaim": {"claimName": "requests"}}]
    assert spec["templates"][0]["container"]["volumeMounts"] == [{"name": "requests", "mountPath": "/mnt/requests"}]
    assert taken(there)["payloads"] == "/mnt/requests/fraud"


def test_where_two_releases_may_run_the_requests_of_both_are_kept_also_later(model: Any) -> None:
    both = model(rollout={"strategy": "canary"})
    assert taken(both)["service"] == ["fraud-detector", "fraud-detector-canary"]


def test_without_features_nothing_is_told_of_a_schema(model: Any) -> None:
    only = model(upkeep={"image": UPKEEP["image"], "retention": "1d"})
    assert {rule["alert"] for rule in upkeep_alerts(only)} == {"ModelPayloadsNotKept"}
    assert taken(only)["schema"] == ""


def test_without_upkeep_there_is_neither_job_nor_alert(resolved_model: Any) -> None:
    bare = resolved_model(monitoring={"payloadSink": {"url": "http://a.example.com", "location": "s3://a/b"}})
    assert (upkeep.render(bare), upkeep_alerts(bare)) == ([], [])


def test_a_field_of_the_job_is_said_to_come_from_upkeep() -> None:
    path = ("spec", "workflowSpec", "templates", "[keep]", "container", "image")
    assert spec_pointer("Model/fraud-detector", "CronWorkflow", path) == (
        False,
        ("monitoring", "payloadSink", "upkeep"),
    )
