"""A run that stands still for longer than its lock lasts does nothing more once it goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from tests.testbed.audit import Recording
from tests.testbed.command import Command, Ran
from tests.testbed.proxy import Exchange, FaultProxy
from tests.testbed.scene import Scene
from tests.testbed.together import Together

pytestmark = pytest.mark.slow
together = Together()

STAY = [f"data-{i}" for i in range(20)]


def data(value: str, *names: str) -> list[dict[str, Any]]:
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": value}}
        for name in names
    ]


def deposed(scene: Scene, number: int, meanwhile: Callable[[], object]) -> tuple[Ran, Recording]:
    """A run that is stopped at its request of that number and goes on after ``meanwhile``, and what it did then."""
    client: Future[Command] = Future()
    stopped: Future[None] = Future()

    def stop(exchange: Exchange) -> None:
        answer = exchange.forward()
        client.result(10).send(signal.SIGSTOP)
        stopped.set_result(None)
        exchange.reply(answer)

    with FaultProxy(scene.plane.apiserver, lambda request: stop if request.number == number else None) as proxy:
        command = ("apply", "--env", "dev", "--yes", "--no-wait")
        client.set_result(scene.start(*command, kubeconfig=scene.through(proxy)))
        stopped.result(60)
        meanwhile()
        with scene.recording() as recorded:
            client.result().send(signal.SIGCONT)
            return client.result().ended(), recorded


def newer(scene: Scene, states: list[dict[str, Any]], *objects: dict[str, Any]) -> Callable[[], None]:
    """A newer commit with these objects, applied by somebody else; ``states`` gets what it leaves."""

    def applied() -> None:
        committed(scene, *objects)
        scene.applied("--allow-mass-delete")
        states.append(scene.state())

    return applied


def committed(scene: Scene, *objects: dict[str, Any]) -> None:
    scene.objects(*objects)
    scene.commit()


@together
def test_a_run_that_lost_its_lock_to_a_newer_commit_changes_nothing_more(scene: Scene) -> None:
    committed(scene, *data("1", *STAY, "goes", "goes-too"))
    scene.applied()
    committed(scene, *data("2", *STAY))
    states: list[dict[str, Any]] = []
    ran, recorded = deposed(scene, 6, newer(scene, states, *data("3", *STAY, "goes", "goes-too")))
    assert (ran.code, "the lock on the target was lost" in ran.out) == (1, True), ran.said
    assert recorded.counts() == {}
    assert [scene.state()] == states


@together
def test_a_run_that_lost_its_lock_makes_nothing_that_a_newer_commit_does_without(scene: Scene) -> None:
    """What is not there has no version, so that the API itself would not refuse it."""
    committed(scene, *data("1", "kept"))
    scene.applied()
    committed(scene, *data("1", "kept", *STAY))
    states: list[dict[str, Any]] = []
    ran, recorded = deposed(scene, 6, newer(scene, states, *data("2", "kept")))
    assert scene.names() == {"configmaps/kept"}
    assert (ran.code, "the lock on the target was lost" in ran.out) == (1, True), ran.said
    assert recorded.counts() == {}
    assert [scene.state()] == states
