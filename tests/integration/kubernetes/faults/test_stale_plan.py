"""A saved plan is refused, with no request that changes anything, once anything moved that it was made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.testbed.control_plane import ADMIN
from tests.testbed.manifests import config_map, inference_service
from tests.testbed.scene import Scene


def data(name: str, value: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": value}}


@pytest.fixture
def planned(scene: Scene) -> Scene:
    """A plan is saved that changes one object, creates one and deletes one; three stay."""
    scene.models("iris")
    scene.objects(data("changes", "1"), data("goes", "1"), data("stays", "1"))
    scene.commit()
    scene.applied()
    scene.objects(data("changes", "2"), data("comes", "1"), data("stays", "1"))
    scene.commit()
    ran = scene.run("plan", "--env", "dev", "-o", "json=plan.json")
    assert ran.code == 0, ran.said
    return scene


def moved_head(scene: Scene) -> None:
    scene.commit()


def moved_files(scene: Scene) -> None:
    scene.objects(data("changes", "3"))


def moved_inventory(scene: Scene) -> None:
    ran = scene.apply("--select", "ConfigMap/comes")
    assert ran.code == 0, ran.said


def changed_live(scene: Scene) -> None:
    scene.plane.api.apply({**config_map(scene.namespace, "changes"), "data": {"value": "theirs"}}, "kubectl")


def changed_doomed(scene: Scene) -> None:
    scene.plane.api.apply({**config_map(scene.namespace, "goes"), "data": {"more": "theirs"}}, "kubectl")


def changed_unchanged(scene: Scene) -> None:
    scene.plane.api.apply({**config_map(scene.namespace, "stays"), "data": {"value": "theirs"}}, "kubectl")


def deleted_live(scene: Scene) -> None:
    scene.plane.api.delete(config_map(scene.namespace, "changes"))


def remade_live(scene: Scene) -> None:
    found = scene.plane.api.read(config_map(scene.namespace, "changes"))
    scene.plane.api.delete(found)
    metadata = {key: found["metadata"][key] for key in ("name", "namespace", "labels", "annotations")}
    scene.plane.api.create({**found, "metadata": metadata})


def created_meanwhile(scene: Scene) -> None:
    scene.plane.api.create(config_map(scene.namespace, "comes"))


@pytest.mark.parametrize(
    "move",
    [
        moved_head, moved_files, moved_inventory, changed_live, changed_doomed, changed_unchanged, deleted_live,
        remade_live, created_meanwhile,
    ],
)  # fmt: skip
def test_a_plan_is_refused_once_something_moved(planned: Scene, move: Callable[[Scene], None]) -> None:
    move(planned)
    before = planned.state()
    with planned.plane.audit.recording() as recorded:
        ran = planned.run("apply", "plan.json", "--no-wait")
    assert (ran.code, "moved" in ran.err) == (1, True), ran.said
    assert [event for event in recorded.by(ADMIN) if event.mutating] == []
    assert planned.state() == before


def test_a_plan_is_applied_where_only_a_controller_reported(planned: Scene) -> None:
    planned.plane.api.set_status(inference_service(planned.namespace, "iris"), {"url": "http://iris.example.com"})
    ran = planned.run("apply", "plan.json", "--no-wait")
    assert ran.code == 0, ran.said
    assert planned.names() == {
        "configmaps/changes", "configmaps/comes", "configmaps/stays", "inferenceservices/iris",
    }  # fmt: skip


def test_a_plan_is_applied_once(planned: Scene) -> None:
    assert planned.run("apply", "plan.json", "--no-wait").code == 0
    with planned.plane.audit.recording() as recorded:
        assert planned.run("apply", "plan.json", "--no-wait").code == 1
    assert recorded.mutating() == []
