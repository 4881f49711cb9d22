"""A controller to which commits come faster than clusters get done with them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.integration.kubernetes.faults.test_unattended import committed, watched
from tests.testbed.scene import Scene
from tests.testbed.soak.clusters import serving
from tests.testbed.together import Together

pytestmark = pytest.mark.slow
together = Together()

TARGET = "dev/here"
SECONDS = 90.0
CONFIG_MAPS = "/api/v1/namespaces/{}/configmaps/{}"


def patient(scene: Scene, **reconcile: Any) -> None:
    """The controller waits for long until what it wrote is ready, from the next commit on."""
    path = scene.root / "environments/dev/environment.yaml"
    block = {"timeout": "10m", "deadline": "15m", **reconcile}
    path.write_text(f"{path.read_text()}  reconcile: {json.dumps(block)}\n")


@together
def test_a_newer_commit_does_not_wait_until_what_an_older_one_wrote_is_ready(scene: Scene) -> None:
    """What does not become ready is mended by the next commit, which must not have to wait for it."""
    patient(scene)
    committed(scene, "iris")
    with watched(scene) as controller:  # nobody makes anything ready
        for models in (("iris", "rose"), ("iris", "rose", "tulip")):
            controller.until(lambda: "inferenceservices/iris" in scene.names(), "the first one")
            committed(scene, *models)
            newest = f"inferenceservices/{models[-1]}"
            controller.until(lambda name=newest: name in scene.names(), newest, SECONDS)  # type: ignore[misc]
        committed(scene, "rose", "tulip")
        controller.until(lambda: "inferenceservices/iris" not in scene.names(), "the first one to go", SECONDS)
        with serving(scene.plane.api, {scene.namespace}):
            controller.until(lambda: controller.words()[TARGET] in ("applied", "in-sync"), "it to be well", SECONDS)
        assert controller.messages()["failed"] == 0
        assert controller.messages()["progressing"] == 3


@together
def test_drift_is_repaired_in_time_although_commits_about_something_else_keep_coming(scene: Scene) -> None:
    config = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} for name in ("steady", "moving")]
    path = CONFIG_MAPS.format(scene.namespace, "steady")

    def write(value: int) -> None:
        scene.objects({**config[0], "data": {"v": "ours"}}, {**config[1], "data": {"v": str(value)}})
        scene.commit()

    def moved() -> str:
        found = scene.plane.api.get(CONFIG_MAPS.format(scene.namespace, "moving"))
        return str(found["data"]["v"])

    patient(scene, resync="8s")
    write(0)
    with watched(scene) as controller:
        controller.until(lambda: controller.words().get(TARGET) == "in-sync", "it to look at what it did")
        theirs = {"data": {"v": "theirs"}}
        scene.plane.api.request("PATCH", path, theirs, content_type="application/merge-patch+json")
        end, value = time.monotonic() + SECONDS, 0
        while scene.plane.api.get(path)["data"]["v"] != "ours":
            assert time.monotonic() < end, "it was not repaired while commits came"
            value += 1
            write(value)
            controller.until(lambda number=value: moved() == str(number), "the commit to be applied")  # type: ignore[misc]
