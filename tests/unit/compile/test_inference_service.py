"""Fields of an InferenceService as a Model has them."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.compile.imported import given
from mlgitops.compile.inference_service import in_new_words, is_inference_service, model
from mlgitops.compile.notes import Notes
from mlgitops.compile.written import Where, Written


def spec(release: str = "", classes: dict[str, str] | None = None, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    predictor = {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris/v1.2"}, **fields}
    data = {"metadata": {"name": "iris"}, "spec": {"predictor": predictor}}
    notes = Notes(Written("a.yaml", "", ""))
    made = model(in_new_words(data), release, classes or {}, notes, Where((), "InferenceService iris"))
    return given(made.spec), [finding.code for finding in notes.findings]


@pytest.mark.parametrize(
    ("uri", "version"),
    [
        ("s3://bucket/iris/1.0/model", "1.0"), ("s3://bucket/v2/iris/v3", "v3"), ("s3://bucket-1/iris", "imported"),
        ("https://example.com/2024.1/m.tar.gz", "2024.1"), ("pvc://claim/a/1 0", "imported"),
    ],
)  # fmt: skip
def test_a_version_is_read_off_the_artifact(uri: str, version: str) -> None:
    made, _ = spec(model={"storageUri": uri})
    assert made["release"] == {"version": version, "artifact": {"uri": uri}}


def test_a_version_that_is_given_goes_before() -> None:
    assert spec("7")[0]["release"]["version"] == "7"


@pytest.mark.parametrize(
    ("bounds", "scaling"),
    [
        ({}, None),
        ({"minReplicas": 2}, {"min": 2, "max": 2}),
        ({"minReplicas": 0, "maxReplicas": 3, "scaleMetric": "rps", "scaleTarget": 9},
         {"min": 0, "max": 3, "metric": "rps", "target": 9}),
        ({"minReplicas": 2, "maxReplicas": 0}, {"min": 2, "max": 2}),
        ({"maxReplicas": 4}, {"max": 4}),
    ],
)  # fmt: skip
def test_bounds_of_replicas_are_as_kserve_reads_them(bounds: dict[str, Any], scaling: dict[str, Any] | None) -> None:
    assert spec(**bounds)[0]["serving"].get("scaling") == scaling


def test_parts_around_the_predictor_are_taken_over() -> None:
    made, _ = spec(
        timeout=30, containerConcurrency=5, batcher={"maxBatchSize": 8, "maxLatency": 50},
        logger={"mode": "all", "url": "http://sink"}, deploymentStrategy={"type": "Recreate"},
    )  # fmt: skip
    serving = made["serving"]
    assert (serving["timeout"], serving["maxConcurrency"]) == ("30s", 5)
    assert serving["batcher"] == {"maxBatchSize": 8, "maxLatency": "50ms"}
    assert serving["logger"] == {"mode": "all", "url": "http://sink"}
    assert made["rollout"] == {"strategy": "recreate"}


def test_a_transformer_is_a_container_with_its_own_number_of_replicas() -> None:
    data = {
        "metadata": {"name": "iris"},
        "spec": {
            "predictor": {"sklearn": {"storageUri": "s3://m/1"}},
            "transformer": {"minReplicas": 2, "containers": [{"image": "example.com/t:1", "args": ["a"]}]},
        },
    }
    made = model(in_new_words(data), "", {}, Notes(Written("a.yaml", "", "")), Where())
    serving = given(made.spec)["serving"]
    assert serving["format"] == "sklearn"
    assert serving["transformer"] == {"image": "example.com/t:1", "args": ["a"], "min": 2, "max": 2}


def test_a_predictor_without_an_artifact_is_refused() -> None:
    assert spec(model={}, containers=[{"image": "a"}])[1] == ["compile-not-possible"]


def test_an_accelerator_needs_a_class() -> None:
    resources = {"limits": {"nvidia.com/gpu": 1}}
    fields: dict[str, Any] = {"model": {"storageUri": "s3://m/1", "resources": resources}}
    assert spec(**fields)[1] == ["compile-not-possible"]
    made, codes = spec(classes={"nvidia.com/gpu": "t4"}, **fields)
    assert (made["serving"]["resources"], codes) == ({"accelerator": {"class": "t4", "count": 1}}, [])


@pytest.mark.parametrize("data", [None, [], {}, {"kind": "InferenceService"}, {"apiVersion": "serving.kserve.io/v1"}])
def test_other_things_are_no_inference_services(data: Any) -> None:
    assert not is_inference_service(data)
