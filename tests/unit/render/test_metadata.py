from __future__ import annotations

from typing import Any

import pytest

from mlgitops.manifest import ANNOTATION_COPIES, Manifest
from mlgitops.render.metadata import object_annotations, object_metadata, tagged
from mlgitops.render.render import render

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n"
LABELS = {
    "app.kubernetes.io/name": "fraud-detector",
    "app.kubernetes.io/instance": "fraud-detector-dev",
    "app.kubernetes.io/component": "model",
    "app.kubernetes.io/part-of": "example",
    "app.kubernetes.io/managed-by": "mlgitops",
    "app.kubernetes.io/version": "1.4.0",
    "mlgitops.dev/project": "example",
    "mlgitops.dev/environment": "dev",
    "mlgitops.dev/target": "aws-dev",
    "mlgitops.dev/model": "fraud-detector",
    "mlgitops.dev/release": "1.4.0",
}


def test_a_model_s_objects_say_to_what_they_belong(resolved_model: Any) -> None:
    metadata = object_metadata(resolved_model())
    assert (metadata["name"], metadata["namespace"]) == ("fraud-detector", "dev-models")
    assert metadata["labels"] == LABELS


def test_a_pipeline_s_objects_have_no_release(resolved_pipeline: Any) -> None:
    metadata = object_metadata(resolved_pipeline(), "other", component="pipeline")
    assert (metadata["name"], metadata["labels"]["app.kubernetes.io/component"]) == ("other", "pipeline")
    assert metadata["labels"]["mlgitops.dev/pipeline"] == "fraud-training"
    assert not {"mlgitops.dev/model", "mlgitops.dev/release", "app.kubernetes.io/version"} & set(metadata["labels"])
    assert "annotations" not in metadata


def test_lineage_is_written_as_annotations_and_what_is_not_known_is_left_out(resolved_model: Any) -> None:
    model = resolved_model(
        release={"trainingRun": "run-7", "sourceCommit": "a" * 40, "dataDigest": "sha256:" + "b" * 64},
        governance={"card": "https://example.com/card", "dataClassification": "internal"},
    )
    annotations = object_annotations(model)
    assert annotations["mlgitops.dev/release-digest"] == model.release_digest
    assert annotations["mlgitops.dev/artifact-digest"] == model.spec.release.artifact.digest
    assert annotations["mlgitops.dev/training-run"] == "run-7"
    assert annotations["mlgitops.dev/training-commit"] == "a" * 40
    assert annotations["mlgitops.dev/trained-at"] == "2026-01-01T00:00:00Z"
    assert annotations["mlgitops.dev/owner"] == "risk@example.com"
    assert annotations["mlgitops.dev/lifecycle"] == "active"
    assert set(object_annotations(resolved_model(release={"trainedAt": None, "artifact": {"digest": None}}))) == {
        "mlgitops.dev/release-digest", "mlgitops.dev/owner", "mlgitops.dev/lifecycle",
    }  # fmt: skip


def test_a_long_name_is_cut_where_kubernetes_takes_no_more(resolved_model: Any) -> None:
    metadata = object_metadata(resolved_model(name="a" * 52, environment="b" * 20))
    assert metadata["labels"]["app.kubernetes.io/instance"] == "a" * 52 + "-" + "b" * 10
    cut = object_metadata(resolved_model(name="a" * 52, environment="b" * 9 + "-c"))
    assert all(len(value) <= 63 and not value.endswith("-") for value in cut["labels"].values())


def with_labels(read: Any) -> Any:
    labels = "{stage: dev, who: environment, mlgitops.dev/target: forged}"
    own = "{who: model, app.kubernetes.io/managed-by: somebody}"
    files = {
        "environments/dev/environment.yaml": HEAD.format(kind="Environment", name="dev")
        + f"spec:\n  targets: [here]\n  labels: {labels}\n  annotations: {{on-call: us}}\n",
        "environments/dev/models/iris.yaml": HEAD.format(kind="Model", name="iris")
        + f"  labels: {own}\n  annotations: {{note: x}}\n"
        + "spec:\n  release: {version: '1', artifact: {uri: 's3://models/iris'}}\n  serving: {format: sklearn}\n",
    }
    return read(files).resolution


def test_the_user_s_labels_are_on_every_object_and_never_over_ours(read: Any) -> None:
    resolution = with_labels(read)
    for manifest in render(resolution.models[0]):
        labels, annotations = manifest["metadata"]["labels"], manifest["metadata"]["annotations"]
        assert (labels["stage"], labels["who"]) == ("dev", "model")
        assert labels["mlgitops.dev/target"] == "here"
        assert labels["app.kubernetes.io/managed-by"] == "mlgitops"
        assert (annotations["on-call"], annotations["note"]) == ("us", "x")


ADDED: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"own": "x"}}}


def test_what_an_overlay_adds_is_known_as_ours(read: Any) -> None:
    resolution = read().resolution
    assert tagged(ADDED, resolution, "here")["metadata"]["labels"] == {
        "own": "x", "app.kubernetes.io/part-of": "shop", "app.kubernetes.io/managed-by": "mlgitops",
        "mlgitops.dev/project": "shop", "mlgitops.dev/environment": "dev", "mlgitops.dev/target": "here",
    }  # fmt: skip
    assert ADDED["metadata"]["labels"] == {"own": "x"}


@pytest.mark.parametrize("metadata", [{"name": "a"}, {"name": "a", "labels": None}])
def test_what_an_overlay_adds_may_have_no_labels(read: Any, metadata: dict[str, Any]) -> None:
    made = tagged({**ADDED, "metadata": metadata}, read().resolution, "here")
    assert made["metadata"]["labels"]["mlgitops.dev/target"] == "here"


def test_what_was_rendered_is_left_as_it_is(read: Any) -> None:
    resolution = read().resolution
    (manifest,) = render(resolution.models[0])
    assert tagged(manifest, resolution, "here") is manifest
    assert tagged({"metadata": [1]}, resolution, "here") == {"metadata": [1]}


def test_what_is_read_from_a_mirror_is_written_on_every_object(resolved_model: Any) -> None:
    mirrors = {"s3://example-models": "s3://near"}

    annotations = object_metadata(resolved_model(target={"mirrors": mirrors}))["annotations"]

    assert annotations[ANNOTATION_COPIES] == "s3://example-models/fraud/1.4.0 s3://near/fraud/1.4.0"
    assert ANNOTATION_COPIES not in object_metadata(resolved_model())["annotations"]
