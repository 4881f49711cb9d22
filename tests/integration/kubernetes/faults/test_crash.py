"""The command is killed at every one of its writes to a cluster; run again, it ends where an unhindered run ends.

``MLGITOPS_EXHAUSTIVE=1`` does so with 50 objects to apply and 10 to delete, which takes some ten minutes.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest

from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import Exchange, Fault, FaultProxy, Request
from tests.testbed.scene import Counts, Ran, Scene, created_and_deleted

pytestmark = pytest.mark.slow

EXHAUSTIVE = os.environ.get("MLGITOPS_EXHAUSTIVE") == "1"
APPLIED = 50 if EXHAUSTIVE else 12
PRUNED = 10 if EXHAUSTIVE else 4
BOOKKEEPING = 6
"""Requests of an apply beside the objects: take the lock, record, widen, record, narrow, give the lock back."""


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def mixed(count: int) -> list[dict[str, Any]]:
    """Objects of three ranks, besides the models."""
    accounts = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": f"account-{i}"}} for i in range(2)]
    return [*accounts, *(config_map(f"data-{i}") for i in range(count - 2))]


class Killer:
    """A rule that ends the client at the request of a number: before it is forwarded, or once it is committed."""

    def __init__(self, number: int, *, committed: bool) -> None:
        self.client: Future[subprocess.Popen[str]] = Future()
        self._number = number
        self._committed = committed

    def __call__(self, request: Request) -> Fault | None:
        if request.number < self._number:
            return None
        return self._after if self._committed and request.number == self._number else self._kill

    def _after(self, exchange: Exchange) -> None:
        exchange.forward()
        self._kill(exchange)

    def _kill(self, exchange: Exchange) -> None:
        self.client.result(10).kill()


def killed(scene: Scene, number: int, *, committed: bool, more: tuple[str, ...] = ()) -> Ran:
    """An apply that is killed at its request of that number."""
    killer = Killer(number, committed=committed)
    with FaultProxy(scene.plane.apiserver, killer) as proxy:
        kubeconfig = scene.plane.write_kubeconfig("killer", proxy.access(ADMIN))
        process = scene.start("apply", "--env", "dev", "--yes", "--no-wait", *more, kubeconfig=kubeconfig)
        killer.client.set_result(process)
        return scene.ended(process)


def reference(scene: Scene, *more: str) -> tuple[int, dict[str, Any], Counts]:
    """An apply that nobody disturbs: its requests that change something, the state it leaves, and what it did."""
    with scene.plane.audit.recording() as recorded:
        scene.applied(*more)
    return len(recorded.mutating()), scene.state(), created_and_deleted(recorded)


@contextmanager
def put_back(scene: Scene) -> Iterator[None]:
    """What was made in the block is gone after it."""
    before = scene.plane.checkpoint()
    yield
    scene.plane.reset(before)
    scene.unlock()


def assert_rerun_equals_reference(scene: Scene, number: int, *, committed: bool, expected: Any, more: Any = ()) -> None:
    state, counts = expected
    with scene.plane.audit.recording() as recorded:
        ran = killed(scene, number, committed=committed, more=more)
        assert ran.code == -signal.SIGKILL, ran.said
        scene.unlock()
        scene.applied(*more)
    assert scene.state() == state
    assert created_and_deleted(recorded) == counts
    with scene.plane.audit.recording() as again:
        scene.applied(*more)
    assert again.mutating() == []


@pytest.mark.parametrize("committed", [False, True], ids=["before it is forwarded", "before its reply"])
def test_a_kill_at_any_request_of_an_apply_leaves_nothing_that_a_rerun_does_not_mend(
    scene: Scene, committed: bool
) -> None:
    scene.models("iris", "rose", "tulip")
    scene.objects(*mixed(APPLIED - 3))
    scene.commit()
    with put_back(scene):
        requests, *expected = reference(scene)
    assert requests == APPLIED + BOOKKEEPING
    for number in range(1, requests + 1):
        with put_back(scene):
            assert_rerun_equals_reference(scene, number, committed=committed, expected=expected)


@pytest.mark.parametrize("committed", [False, True], ids=["before it is forwarded", "before its reply"])
def test_a_kill_at_any_request_of_a_prune_deletes_neither_more_nor_less(scene: Scene, committed: bool) -> None:
    kept = mixed(PRUNED + 2)
    scene.models("iris")
    scene.objects(*kept, *(config_map(f"obsolete-{i}") for i in range(PRUNED)))
    scene.commit()
    scene.applied()
    before = scene.state()
    scene.objects(*kept)
    scene.commit()
    requests, *expected = reference(scene)
    assert requests == PRUNED + BOOKKEEPING
    for number in range(1, requests + 1):
        restore(scene)
        assert scene.state().keys() == before.keys()
        assert_rerun_equals_reference(scene, number, committed=committed, expected=expected)


def restore(scene: Scene) -> None:
    """Brings back what was pruned, and has Git without it again."""
    scene.checkout("HEAD~1")
    scene.applied()
    scene.checkout("main")


def test_a_kill_after_the_inventory_was_widened_and_a_revert_leave_nothing_behind(scene: Scene) -> None:
    scene.models("iris")
    scene.objects(*mixed(4))
    scene.commit()
    scene.applied()
    before, widened = scene.state(), 3
    scene.models("iris", "rose", "tulip")
    scene.commit()
    for number in (widened, widened + 1, widened + 2):
        ran = killed(scene, number, committed=True)
        assert ran.code == -signal.SIGKILL, ran.said
        assert scene.members() > {"iris"} | {one["metadata"]["name"] for one in mixed(4)}
        scene.unlock()
        scene.checkout("HEAD~1")
        scene.applied()
        assert scene.state() == before
        scene.checkout("main")


def test_the_lock_of_a_killed_run_runs_out_by_itself(scene: Scene) -> None:
    scene.objects(*mixed(3))
    scene.commit()
    assert killed(scene, 4, committed=True).code == -signal.SIGKILL
    scene.applied()
    assert len(scene.names()) == 3


def test_a_terminated_run_starts_no_more_objects_and_gives_the_lock_back(scene: Scene) -> None:
    scene.objects(*mixed(30))
    scene.commit()
    client: Future[subprocess.Popen[str]] = Future()

    def terminate(exchange: Exchange) -> None:
        client.result(10).terminate()
        exchange.blackhole(1.0)
        exchange.reply(exchange.forward())

    with FaultProxy(scene.plane.apiserver, lambda request: terminate if request.number == 4 else None) as proxy:
        kubeconfig = scene.plane.write_kubeconfig("terminated", proxy.access(ADMIN))
        process = scene.start("apply", "--env", "dev", "--yes", "--no-wait", kubeconfig=kubeconfig)
        client.set_result(process)
        ran = scene.ended(process)
    assert ran.code == 128 + signal.SIGTERM, ran.said
    assert len(scene.names()) <= 8
    assert scene.applied().code == 0
    assert len(scene.names()) == 30
