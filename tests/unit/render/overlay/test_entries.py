from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.render.overlay.entries import Place, entries, mentions, named, own_mentions, own_objects
from mlgitops.render.overlay.references import Overlay

PATCH = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fraud"}, "data": {"user": "churn"}}
PROD = "environments/prod"


def test_a_patch_without_a_target_wants_the_objects_that_its_documents_name(
    an_overlay: Callable[..., Overlay],
) -> None:
    (entry,) = entries(an_overlay({"patches": [{"patch": json.dumps(PATCH)}]}))

    assert entry.place == Place(PROD, "patches", 0)
    assert entry.wanted == (frozenset({("ConfigMap", "fraud")}),)
    assert entry.mentioned == {"churn"}
    assert not entry.moves


def test_a_patch_from_a_file_is_read_like_an_inline_one(an_overlay: Callable[..., Overlay]) -> None:
    (entry,) = entries(an_overlay({"patches": [{"path": "p.yaml"}]}, {f"{PROD}/p.yaml": PATCH}))

    assert entry.wanted == (frozenset({("ConfigMap", "fraud")}),)


@pytest.mark.parametrize(
    ("target", "literal"),
    [({"name": "fraud"}, "fraud"), ({"name": "fr.*"}, ""), ({"name": "a.b"}, ""), ({"kind": "X"}, "")],
)
def test_a_patch_with_a_target_wants_nothing(
    an_overlay: Callable[..., Overlay], target: dict[str, str], literal: str
) -> None:
    (entry,) = entries(an_overlay({"patches": [{"patch": json.dumps(PATCH), "target": target}]}))

    assert entry.wanted == ()
    assert entry.target == literal


@pytest.mark.parametrize("path", ["", "/metadata", "/metadata/name", "/metadata/namespace", "/kind", "/apiVersion"])
@pytest.mark.parametrize("key", ["path", "from"])
def test_an_operation_on_what_identifies_an_object_moves_it(
    an_overlay: Callable[..., Overlay], path: str, key: str
) -> None:
    operation = {"op": "move", "path": "/a", "from": "/b"} | {key: path}
    (entry,) = entries(an_overlay({"patches": [{"patch": json.dumps([operation]), "target": {"kind": "X"}}]}))

    assert entry.moves


def test_replicas_and_merging_generators_want_what_they_name(an_overlay: Callable[..., Overlay]) -> None:
    kustomization = {
        "replicas": [{"name": "fraud", "count": 2}],
        "configMapGenerator": [{"name": "made"}, {"name": "merged", "behavior": "merge"}],
        "secretGenerator": [{"name": "replaced", "behavior": "replace"}],
    }

    wanted = {entry.place[1:]: entry.wanted for entry in entries(an_overlay(kustomization))}

    assert ("Deployment", "fraud") in wanted["replicas", 0][0]
    assert wanted["configMapGenerator", 1] == (frozenset({("ConfigMap", "merged")}),)
    assert wanted["secretGenerator", 0] == (frozenset({("Secret", "replaced")}),)
    assert len(wanted) == 3


def test_only_what_works_on_rendered_objects_counts(an_overlay: Callable[..., Overlay]) -> None:
    patches = {"patches": [{"patch": json.dumps(PATCH)}]}
    files = {"base/kustomization.yaml": patches, "part/kustomization.yaml": patches | {"kind": "Component"}}

    overlay = an_overlay({"resources": ["../../base"], "components": ["../../part"]}, files)

    assert [entry.place.directory for entry in entries(overlay)] == ["part"]
    assert own_mentions(overlay) == {"churn"}


def test_the_overlays_own_objects_are_known(an_overlay: Callable[..., Overlay]) -> None:
    kustomization = {
        "resources": ["a.json"],
        "configMapGenerator": [{"name": "made"}, {"name": "m", "behavior": "merge"}],
    }
    overlay = an_overlay(kustomization, {f"{PROD}/a.json": PATCH})

    assert own_objects(overlay) == {("ConfigMap", "fraud"), ("ConfigMap", "made")}
    assert own_mentions(overlay) == {"churn"}


def test_names_are_looked_for_wherever_kustomize_follows_them() -> None:
    labels = {"labels": {"app": "label"}}
    manifest: dict[str, Any] = {
        "apiVersion": "version",
        "kind": "kind",
        "metadata": {"name": "name", "namespace": "space", **labels, "annotations": {"a": "annotation"}},
        "spec": {"selector": {"matchLabels": {"app": "selected"}}, "template": labels, "volumes": [{"name": "volume"}]},
    }

    assert mentions(manifest) == {"annotation", "volume"}


@pytest.mark.parametrize(
    "document", [None, [], "x", {}, {"kind": "X"}, {"kind": "X", "metadata": {}}, {"metadata": {"name": "a"}}]
)
def test_what_has_no_kind_and_name_is_not_named(document: Any) -> None:
    assert named(document) is None
