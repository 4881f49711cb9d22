"""A run that stands still for longer than its lock lasts does nothing more once it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
from concurrent.futures import Future
from typing import Any

import pytest

from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import Exchange, FaultProxy
from tests.testbed.scene import Scene

pytestmark = pytest.mark.slow


def data(value: str, *names: str) -> list[dict[str, Any]]:
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": value}}
        for name in names
    ]


def test_a_run_that_lost_its_lock_to_a_newer_commit_changes_nothing_more(scene: Scene) -> None:
    stay = [f"data-{i}" for i in range(20)]
    scene.objects(*data("1", *stay, "goes", "goes-too"))
    scene.commit()
    scene.applied()
    scene.objects(*data("2", *stay))
    scene.commit()
    client: Future[subprocess.Popen[str]] = Future()
    stopped: Future[None] = Future()

    def stop(exchange: Exchange) -> None:
        answer = exchange.forward()
        os.kill(client.result(10).pid, signal.SIGSTOP)
        stopped.set_result(None)
        exchange.reply(answer)

    with FaultProxy(scene.plane.apiserver, lambda request: stop if request.number == 6 else None) as proxy:
        kubeconfig = scene.plane.write_kubeconfig("stopped", proxy.access(ADMIN))
        client.set_result(scene.start("apply", "--env", "dev", "--yes", "--no-wait", kubeconfig=kubeconfig))
        stopped.result(60)
        scene.objects(*data("3", *stay, "goes", "goes-too"))
        scene.commit()
        scene.applied()
        newer = scene.state()
        with scene.plane.audit.recording() as recorded:
            os.kill(client.result().pid, signal.SIGCONT)
            ran = scene.ended(client.result())
    assert (ran.code, "the lock on the target was lost" in ran.out) == (1, True), ran.said
    assert recorded.counts() == {}
    assert scene.state() == newer
