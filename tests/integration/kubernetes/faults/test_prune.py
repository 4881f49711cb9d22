"""What is pruned in a cluster: what we applied and Git no longer has, and never anything else."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from tests.testbed.audit import Recording
from tests.testbed.command import Ran
from tests.testbed.manifests import config_map
from tests.testbed.scene import Scene


def named(*names: str) -> list[dict[str, Any]]:
    """ConfigMaps, to be placed in the scene's namespace."""
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} for name in names]


def deletions(recording: Recording) -> list[str]:
    return [event.name for event in recording.mutating() if event.verb.startswith("delete")]


def refused(scene: Scene, *more: str) -> str:
    """What an apply says that fails without a single request that would change something."""
    with scene.plane.audit.recording() as recorded:
        ran = scene.apply(*more)
    assert ran.code == 1, ran.said
    assert recorded.mutating() == []
    return ran.err


@pytest.fixture
def applied(scene: Scene) -> Scene:
    """One model and five ConfigMaps, applied; Git lacks the last of them since."""
    scene.models("iris")
    scene.objects(*named("a", "b", "c", "d", "obsolete"))
    scene.commit()
    scene.applied()
    scene.objects(*named("a", "b", "c", "d"))
    scene.commit()
    return scene


def spared(scene: Scene) -> Ran:
    """An apply that succeeds, deletes nothing, and forgets the obsolete object."""
    with scene.plane.audit.recording() as recorded:
        ran = scene.applied()
    assert deletions(recorded) == []
    assert "obsolete" not in scene.members()
    assert scene.plane.api.exists(config_map(scene.namespace, "obsolete"))
    return ran


def test_what_git_no_longer_has_is_deleted_and_nothing_else(applied: Scene) -> None:
    with applied.plane.audit.recording() as recorded:
        applied.applied()
    assert deletions(recorded) == ["obsolete"]
    assert applied.members() == {"iris", "a", "b", "c", "d"}


@pytest.mark.parametrize("label", ["project", "environment", "target"])
def test_an_object_that_another_inventory_took_over_is_spared(applied: Scene, label: str) -> None:
    applied.plane.api.apply(config_map(applied.namespace, "obsolete", labels={f"mlgitops.dev/{label}": "another"}))
    spared(applied)


def test_an_object_that_lost_our_labels_is_spared(applied: Scene) -> None:
    labels = {f"mlgitops.dev/{name}": None for name in ("project", "environment", "target")}
    path = applied.plane.api.path(config_map(applied.namespace, "obsolete"))
    patch = {"metadata": {"labels": labels}}
    applied.plane.api.request("PATCH", path, patch, content_type="application/merge-patch+json")
    spared(applied)


def test_an_object_that_was_made_anew_under_the_same_name_is_spared(applied: Scene) -> None:
    ours = applied.plane.api.read(config_map(applied.namespace, "obsolete"))
    applied.plane.api.delete(ours)
    labels = ours["metadata"]["labels"]
    applied.plane.api.create(config_map(applied.namespace, "obsolete", labels=labels))
    spared(applied)


def test_an_object_that_is_gone_already_is_forgotten(applied: Scene) -> None:
    applied.plane.api.delete(config_map(applied.namespace, "obsolete"))
    with applied.plane.audit.recording() as recorded:
        applied.applied()
    assert (deletions(recorded), "obsolete" in applied.members()) == ([], False)


def test_objects_of_the_same_name_elsewhere_and_without_our_labels_are_not_looked_at(applied: Scene) -> None:
    elsewhere = applied.plane.new_namespace()
    applied.plane.api.create(config_map(elsewhere, "obsolete"))
    applied.plane.api.create(config_map(applied.namespace, "foreign"))
    applied.applied()
    assert applied.plane.api.exists(config_map(elsewhere, "obsolete"))
    assert applied.plane.api.exists(config_map(applied.namespace, "foreign"))


def test_more_than_half_is_deleted_only_with_consent(applied: Scene) -> None:
    applied.objects(*named("a"))
    applied.commit()
    assert "--allow-mass-delete" in refused(applied)
    applied.applied("--allow-mass-delete")
    assert applied.members() == {"iris", "a"}


def test_where_nothing_is_rendered_nothing_is_deleted(applied: Scene) -> None:
    applied.models()
    applied.objects()
    applied.commit()
    assert "nothing is desired" in refused(applied)


@pytest.mark.parametrize("folder", ["environments/dev/models", "environments/dev", "environments", "targets"])
def test_where_a_folder_is_missing_nothing_is_deleted(applied: Scene, folder: str) -> None:
    applied.objects()
    shutil.rmtree(applied.root / folder)
    applied.commit()
    refused(applied)


@pytest.mark.parametrize("objects", ["{", "[1]", None], ids=["broken", "no objects", "missing"])
def test_where_rendering_fails_nothing_is_deleted(applied: Scene, objects: str | None) -> None:
    applied.write({"environments/dev/objects.json": objects})
    applied.commit()
    refused(applied)


def test_a_namespace_with_foreign_objects_stays_and_they_are_counted(scene: Scene) -> None:
    other = f"{scene.namespace}-more"
    inside = config_map(other, "ours")
    scene.objects({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": other}}, inside, *named("a", "b", "c"))
    scene.commit()
    scene.applied()
    scene.plane.api.create(config_map(other, "foreign"))
    scene.plane.api.create(config_map(other, "foreign-too"))
    scene.objects(*named("a", "b", "c"))
    scene.commit()
    assert "2 ConfigMap" in refused(scene)
    assert scene.plane.api.exists(inside)


def test_a_definition_with_live_objects_stays_and_they_are_counted(scene: Scene) -> None:
    definition = widgets(scene.namespace)
    scene.objects(definition, *named("a", "b", "c"))
    scene.commit()
    scene.applied()
    group = definition["spec"]["group"]
    for name in ("one", "two"):
        metadata = {"name": name, "namespace": scene.namespace}
        scene.plane.api.create({"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": metadata})
    scene.objects(*named("a", "b", "c"))
    scene.commit()
    assert "2 Widget" in refused(scene)


def test_a_lost_inventory_stops_everything_until_it_is_rebuilt(applied: Scene) -> None:
    applied.plane.api.delete(applied.inventory() | {"apiVersion": "v1", "kind": "ConfigMap"})
    assert "inventory rebuild --env dev --target here" in refused(applied)
    assert applied.run("inventory", "rebuild", "--env", "dev", "--target", "here").code == 0
    assert applied.members() == {"iris", "a", "b", "c", "d", "obsolete"}
    applied.applied()
    assert applied.members() == {"iris", "a", "b", "c", "d"}


@pytest.mark.parametrize("entries", ["[]", "{", "[[]]", '[["a"]]'])
def test_a_damaged_inventory_stops_everything(applied: Scene, entries: str) -> None:
    stored = applied.inventory() | {"apiVersion": "v1", "kind": "ConfigMap"}
    damaged = {"data": {"entries": entries}}
    path = applied.plane.api.path(stored)
    applied.plane.api.request("PATCH", path, damaged, content_type="application/merge-patch+json")
    assert "is corrupt" in refused(applied)


def widgets(namespace: str) -> dict[str, Any]:
    """A kind of its own for each test."""
    group = f"{namespace}.example.com"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
