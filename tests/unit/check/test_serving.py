from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import scaling, serving
from mlgitops.finding import Severity

DIGEST = "sha256:" + "0123456789abcdef" * 4
KNATIVE = {"serving": {"deploymentMode": "Knative"}}
TRANSFORMER = {"image": f"example.com/t@{DIGEST}"}


def test_the_default_model_is_in_order(resolved_model: Any) -> None:
    assert list(serving.check(resolved_model())) == []


@pytest.mark.parametrize("uri", [f"oci://example.com/m@{DIGEST}", "oci://example.com/m:1", "hf://org/m@main"])
def test_a_model_image_may_be_pinned_to_the_digest_of_the_release(resolved_model: Any, uri: str) -> None:
    assert list(serving.check(resolved_model(release={"artifact": {"uri": uri}}))) == []


@pytest.mark.parametrize(
    ("code", "pointer", "model"),
    [
        ("format-missing", "spec.serving.format", {"serving": {"format": None}}),
        ("unknown-format", "spec.serving.format", {"serving": {"format": "sklern"}}),
        ("format-not-served", "spec.serving.format", {"serving": {"runtime": "kserve-xgbserver"}}),
        ("protocol-not-spoken", "spec.serving.protocol", {"serving": {"protocol": "grpc-v2"}}),
        ("runtime-port-unknown", "spec.serving.runtime", {"serving": {"runtime": "ours"}}),
        ("batcher-protocol", "spec.serving.batcher", {"serving": {"format": "onnx", "batcher": {}}}),
        ("batcher-protocol", "spec.serving.batcher", {"serving": {"protocol": "v2", "batcher": {}}}),
        ("scaling-bounds", "spec.serving.scaling.min", {"serving": {"scaling": {"min": 3, "max": 2}}}),
        (
            "scaling-bounds", "spec.serving.transformer.min",
            {"serving": {"transformer": {**TRANSFORMER, "min": 3, "max": 2}}},
        ),
        ("scale-to-zero", "spec.serving.scaling.min", {"serving": {"scaling": {"min": 0}}}),
        ("scale-to-zero", "spec.serving.explainer.min", {"serving": {"explainer": {**TRANSFORMER, "min": 0}}}),
        ("scaling-metric", "spec.serving.scaling.metric", {"serving": {"scaling": {"max": 2, "metric": "rps"}}}),
        ("scaling-metric", "spec.serving.scaling.metric", {"serving": {"scaling": {"max": 2}}, "target": KNATIVE}),
        ("scaling-target", "spec.serving.scaling.target", {"serving": {"scaling": {"max": 2, "target": 101}}}),
        ("concurrency-needs-knative", "spec.serving.maxConcurrency", {"serving": {"maxConcurrency": 5}}),
        ("variable-source", "spec.serving.env.0", {"serving": {"env": [{"name": "A"}]}}),
        (
            "variable-source", "spec.serving.transformer.env.0",
            {"serving": {"transformer": {**TRANSFORMER, "env": [
                {"name": "A", "value": "b", "fromSecret": {"secret": "s", "key": "k"}}
            ]}}},
        ),
        ("rollout-stuck", "spec.rollout.maxSurge", {"rollout": {"maxSurge": 0}}),
        ("rollout-needs-standard", "spec.rollout.strategy", {"rollout": {"strategy": "recreate"}, "target": KNATIVE}),
        ("version-not-a-label", "spec.release.version", {"release": {"version": "1.0+cu121"}}),
        ("release-digest-missing", "spec.release.artifact", {"release": {"artifact": {"digest": None}}}),
        (
            "artifact-digest-differs", "spec.release.artifact.digest",
            {"release": {"artifact": {"uri": f"oci://example.com/m@sha256:{'0' * 64}"}}},
        ),
        ("image-not-pinned", "spec.release.image", {"release": {"image": "example.com/serve:1"}}),
        ("image-not-pinned", "spec.serving.explainer.image", {"serving": {"explainer": {"image": "example.com/e"}}}),
        ("owner-missing", "spec.governance.owner", {"governance": {"owner": None}}),
        ("name-too-long", "spec", {"name": "a" * 52, "serving": {"transformer": TRANSFORMER}, "target": KNATIVE}),
        ("host-name-too-long", "spec", {"name": "a" * 50}),
    ],
)  # fmt: skip
def test_a_rule_finds_its_fault_and_no_other_does(resolved_model: Any, code: str, pointer: str, model: Any) -> None:
    found = list(serving.check(resolved_model(**model)))

    assert [(finding.code, finding.pointer) for finding in found] == [(code, pointer)]


@pytest.mark.parametrize(
    "model",
    [
        {"serving": {"scaling": {"min": 0, "max": 3, "metric": "rps", "target": 500}}, "target": KNATIVE},
        {"serving": {"scaling": {"min": 2, "max": 2, "metric": "rps"}}},
        {"serving": {"batcher": {}}},
        {"serving": {"runtime": "ours", "format": "anything", "port": 8080, "protocol": "v2"}},
        {"serving": {"format": "sklearn", "runtime": "kserve-mlserver"}},
        {"rollout": {"strategy": "recreate", "maxSurge": 0}},
        {"name": "a" * 52, "target": KNATIVE},
    ],
)
def test_what_the_platform_takes_is_not_refused(resolved_model: Any, model: Any) -> None:
    assert list(serving.check(resolved_model(**model))) == []


def test_the_meant_format_is_suggested(resolved_model: Any) -> None:
    (finding,) = serving.check(resolved_model(serving={"format": "xgbost"}))

    assert finding.suggestion == "xgboost"


def test_policy_findings_warn(resolved_model: Any) -> None:
    model = resolved_model(release={"artifact": {"digest": None}, "image": "example.com/a"}, governance={"owner": None})

    found = list(serving.check(model))

    assert {finding.code for finding in found} <= serving.POLICY_CODES
    assert {finding.severity for finding in found} == {Severity.WARNING}


def test_a_batch_model_is_not_asked_for_a_format(resolved_model: Any) -> None:
    assert list(serving.check(resolved_model(serving={"mode": "batch", "format": None}))) == []


def test_a_metric_that_drives_nothing_is_not_looked_at(resolved_model: Any) -> None:
    assert list(scaling.check(resolved_model(target=KNATIVE))) == []
