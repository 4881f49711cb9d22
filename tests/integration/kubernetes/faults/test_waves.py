"""A model that depends on another one is written once that one is ready, and not at all where it does not become so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.testbed.api import ApiError
from tests.testbed.command import Command
from tests.testbed.errors import TestbedError
from tests.testbed.scene import Scene
from tests.testbed.waiting import wait_until

SERVING = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
READY = {"conditions": [{"type": "Ready", "status": "True"}]}
SECONDS = 90.0


@pytest.fixture
def chain(scene: Scene) -> Scene:
    """Three models: ranker depends on embedder, and other on nothing."""
    scene.models("embedder", "ranker", "other", depends_on={"ranker": "embedder"})
    scene.commit()
    return scene


def named(scene: Scene, name: str) -> dict[str, Any]:
    return {**SERVING, "metadata": {"namespace": scene.namespace, "name": name}}


def start(scene: Scene, *more: str) -> Command:
    """An apply that waits, once it has written what depends on nothing."""
    command = scene.start("apply", "--env", "dev", "--yes", *more)
    wait_until(lambda: {"inferenceservices/embedder", "inferenceservices/other"} <= scene.names(), "a wave", SECONDS)
    return command


def report(scene: Scene, name: str, status: dict[str, Any]) -> None:
    """What KServe would report of a model, once it is there."""
    manifest = named(scene, name)
    wait_until(lambda: scene.plane.api.exists(manifest), f"{name} to be there", SECONDS)
    scene.plane.api.set_status(manifest, status)


@pytest.mark.slow
def test_what_depends_on_a_model_is_written_once_that_is_ready(chain: Scene) -> None:
    command = start(chain, "--timeout", "3m")
    with pytest.raises(TestbedError):
        wait_until(lambda: "inferenceservices/ranker" in chain.names(), "what must not come yet", 3)
    assert command.poll() is None
    for name in ("embedder", "ranker", "other"):
        report(chain, name, READY)
    ran = command.ended()
    assert (ran.code, "Ready after" in ran.out, "3 ready" in ran.out) == (0, True, True), ran.said
    assert chain.members() == {"embedder", "ranker", "other"}


@pytest.mark.slow
def test_where_it_does_not_become_ready_what_depends_on_it_is_left_out_and_the_reason_is_named(chain: Scene) -> None:
    command = start(chain, "--timeout", "8s")
    report(chain, "other", READY)
    report(chain, "embedder", {"conditions": [{"type": "Ready", "status": "False", "message": "no GPU is free"}]})
    ran = command.ended()
    assert ran.code == 1, ran.said
    assert f"waits for {chain.namespace}/InferenceService/embedder, which is not ready after 8 s" in ran.out
    assert "Ready: no GPU is free" in ran.out
    assert "1 ready, 1 timed out" in ran.out
    assert chain.names() == {"inferenceservices/embedder", "inferenceservices/other"}
    with pytest.raises(ApiError):
        chain.plane.api.read(named(chain, "ranker"))

    report(chain, "embedder", READY)
    command = chain.start("apply", "--env", "dev", "--yes", "--timeout", "3m")
    report(chain, "ranker", READY)
    assert command.ended().code == 0


def test_who_does_not_wait_writes_one_wave_after_the_other(chain: Scene) -> None:
    chain.applied()
    assert chain.names() == {f"inferenceservices/{name}" for name in ("embedder", "ranker", "other")}
