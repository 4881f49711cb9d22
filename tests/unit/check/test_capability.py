from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import capability

DIGEST = "sha256:" + "0123456789abcdef" * 4
KNATIVE = {"serving": {"deploymentMode": "Knative"}}


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure", "onprem"])
def test_what_the_target_has_may_be_used(resolved_model: Any, cloud: str) -> None:
    resources = {"accelerator": {"class": "t4", "count": 4}}
    model = resolved_model(target={"cloud": cloud}, serving={"identity": "model-reader", "resources": resources})

    assert list(capability.check(model)) == []


@pytest.mark.parametrize(
    ("code", "pointer", "model"),
    [
        ("unknown-identity", "spec.serving.identity", {"serving": {"identity": "model-raeder"}}),
        (
            "unknown-accelerator", "spec.serving.resources.accelerator.class",
            {"serving": {"resources": {"accelerator": {"class": "a10"}}}},
        ),
        (
            "too-many-accelerators", "spec.serving.resources.accelerator.count",
            {"serving": {"resources": {"accelerator": {"class": "t4", "count": 5}}}},
        ),
        (
            "unknown-accelerator", "spec.serving.transformer.resources.accelerator.class",
            {"serving": {"transformer": {"image": "example.com/t", "resources": {"accelerator": {"class": "a10"}}}}},
        ),
        ("unknown-storage", "spec.release.artifact.uri", {"release": {"artifact": {"uri": "store://artifact/x"}}}),
        ("invalid-storage-uri", "spec.release.artifact.uri", {"release": {"artifact": {"uri": "az://x"}}}),
        ("component-missing", "spec.serving.mode", {"target": {"components": {"kserve": None}}}),
        ("component-too-old", "spec.serving.mode", {"target": {"components": {"kserve": "0.14.1"}}}),
        ("component-missing", "spec.serving.mode", {"target": {**KNATIVE, "components": {"knative": None}}}),
        ("knative-feature-needed", "spec.serving.spreadZones", {"target": KNATIVE, "serving": {"spreadZones": True}}),
        ("knative-feature-needed", "spec.serving.timeout", {"target": KNATIVE, "serving": {"timeout": "11m"}}),
        (
            "knative-feature-needed", "spec.serving.resources.accelerator",
            {"target": KNATIVE, "serving": {"resources": {"accelerator": {"class": "t4"}}}},
        ),
        (
            "knative-feature-needed", "spec.serving.resources.spot",
            {"target": KNATIVE, "serving": {"resources": {"spot": True}}},
        ),
    ],
)  # fmt: skip
def test_what_the_target_lacks_is_found(resolved_model: Any, code: str, pointer: str, model: Any) -> None:
    found = list(capability.check(resolved_model(**model)))

    assert [(finding.code, finding.pointer) for finding in found] == [(code, pointer)]


@pytest.mark.parametrize("mode", ["batch", "streaming"])
def test_what_kserve_does_not_serve_needs_no_kserve(resolved_model: Any, mode: str) -> None:
    model = resolved_model(serving={"mode": mode}, target={"components": {"kserve": None}})

    assert list(capability.check(model)) == []
