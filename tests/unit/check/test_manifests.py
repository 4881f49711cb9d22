from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check.manifests import check


def manifest(name: Any = "a", **labels: Any) -> dict[str, Any]:
    own = {f"mlgitops.dev/{key}": value for key, value in labels.items()}
    metadata = {"name": name, "namespace": "ml", "labels": own}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def found(*manifests: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.location.path) for finding in check("aws", "dev", manifests)]


def test_ordinary_manifests_have_no_findings() -> None:
    assert found(manifest("a", model="iris"), manifest("b", pipeline="train"), manifest("c" * 253)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"kind": "A", "metadata": {"name": "a"}}, {"apiVersion": "v1", "metadata": {"name": "a"}},
        {"apiVersion": "v1", "kind": "A"}, {"apiVersion": "v1", "kind": "A", "metadata": {}},
        {"apiVersion": "v1", "kind": "A", "metadata": [1]}, {"apiVersion": 1, "kind": "A", "metadata": {"name": "a"}},
        {"apiVersion": "v1", "kind": "A", "metadata": None},
    ],
)  # fmt: skip
def test_a_manifest_without_an_identity_is_found(wrong: Any) -> None:
    assert found(wrong) == [("manifest-incomplete", "environments/dev/kustomization.yaml")]


def test_one_object_of_two_owners_is_found_and_both_are_named() -> None:
    twice = (manifest("a", model="iris"), manifest("a", pipeline="train"))
    (finding,) = check("aws", "dev", twice)
    assert finding.code == "duplicate-object"
    assert "model iris and pipeline train" in finding.message
    assert "aws" in finding.message
    assert finding.location.path == "environments/dev/pipelines/train.yaml"


def test_the_same_name_elsewhere_is_another_object() -> None:
    other = manifest("a")
    other["metadata"]["namespace"] = "other"
    assert found(manifest("a"), other, {**manifest("a"), "kind": "Secret"}) == []


def test_an_object_whose_version_alone_differs_is_the_same() -> None:
    one, two = manifest("a"), manifest("a")
    one["apiVersion"], two["apiVersion"] = "example.com/v1", "example.com/v2"
    assert [code for code, _ in found(one, two)] == ["duplicate-object"]


def test_a_name_that_is_too_long_is_found() -> None:
    assert found(manifest("a" * 254, model="iris")) == [("name-too-long", "environments/dev/models/iris.yaml")]


def test_a_label_that_is_too_long_is_found() -> None:
    assert found(manifest("a", release="x" * 63)) == []
    assert [code for code, _ in found(manifest("a", release="x" * 64))] == ["label-invalid"]
