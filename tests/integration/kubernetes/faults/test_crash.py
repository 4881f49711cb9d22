"""The command is killed at every one of its writes to a cluster; run again, it ends where an unhindered run ends."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import pytest

from tests.testbed.command import Command
from tests.testbed.killer import kill_apply
from tests.testbed.proxy import Exchange, FaultProxy
from tests.testbed.scene import Counts, Scene, created_and_deleted

pytestmark = pytest.mark.slow

APPLIED = 50
PRUNED = 10
BOOKKEEPING = 6
"""Requests of an apply beside the objects: take the lock, record, widen, record, narrow, give the lock back."""
LANES = 4
"""Scenes in which commands are killed at the same time."""
MOST_AT_ONCE = 8
"""Objects that are written at once, mlgitops.targets.kubernetes.client.WIDTH."""

Scenes = Callable[[int], list[Scene]]


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def mixed(count: int) -> list[dict[str, Any]]:
    """Objects of three ranks, besides the models."""
    accounts = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": f"account-{i}"}} for i in range(2)]
    return [*accounts, *(config_map(f"data-{i}") for i in range(count - 2))]


@dataclass(frozen=True)
class Reference:
    """A scene before an apply, and what comes of one that nobody disturbs: its requests, the state, what it did."""

    scene: Scene
    requests: int
    state: dict[str, Any]
    counts: Counts


def reference(scene: Scene) -> Reference:
    """Applies once, sees that it is then as Git says, and puts everything back."""
    with scene.put_back():
        with scene.recording() as recorded:
            scene.applied()
        with scene.recording() as again:
            scene.applied()
        assert again.mutating() == []
        # A lock is taken and given back; how often it is renewed between is a matter of time.
        requests = sum(event.resource != "leases" for event in recorded.mutating()) + 2
        return Reference(scene, requests, scene.state(), created_and_deleted(recorded))


def assert_rerun_equals(expected: Reference, number: int, *, committed: bool) -> None:
    scene = expected.scene
    with scene.put_back():
        with scene.recording() as recorded:
            kill_apply(scene, number, committed=committed)
            scene.unlock()
            scene.applied()
        assert scene.state() == expected.state
        assert scene.unknown() == set()
        assert created_and_deleted(recorded) == expected.counts


def assert_every_kill_is_mended(scenes: list[Scene], requests: int, *, committed: bool) -> None:
    """Kills the command at each of its requests, several of the scenes at once, which are alike."""
    lanes: SimpleQueue[Reference] = SimpleQueue()

    def problem(number: int) -> Exception | None:
        lane = lanes.get()
        try:
            assert_rerun_equals(lane, number, committed=committed)
        except (AssertionError, OSError) as error:
            error.add_note(f"killed at request {number}")
            return error
        finally:
            lanes.put(lane)
        return None

    with ThreadPoolExecutor(len(scenes)) as pool:
        for lane in pool.map(reference, scenes):
            assert lane.requests == requests
            lanes.put(lane)
        problems = [found for found in pool.map(problem, range(1, requests + 1)) if found is not None]
    if problems:
        raise ExceptionGroup(f"{len(problems)} of {requests} kills were not mended", problems)


@pytest.mark.parametrize("committed", [False, True], ids=["before it is forwarded", "before its reply"])
def test_a_kill_at_any_request_of_an_apply_leaves_nothing_that_a_rerun_does_not_mend(
    scenes: Scenes, committed: bool
) -> None:
    lanes = scenes(LANES)
    for scene in lanes:
        scene.models("iris", "rose", "tulip")
        scene.objects(*mixed(APPLIED - 3))
        scene.commit()
    assert_every_kill_is_mended(lanes, APPLIED + BOOKKEEPING, committed=committed)


@pytest.mark.parametrize("committed", [False, True], ids=["before it is forwarded", "before its reply"])
def test_a_kill_at_any_request_of_a_prune_deletes_neither_more_nor_less(scenes: Scenes, committed: bool) -> None:
    kept = mixed(PRUNED + 2)
    lanes = scenes(LANES)
    for scene in lanes:
        scene.models("iris")
        scene.objects(*kept, *(config_map(f"obsolete-{i}") for i in range(PRUNED)))
        scene.commit()
        scene.applied()
        scene.objects(*kept)
        scene.commit()
    assert_every_kill_is_mended(lanes, PRUNED + BOOKKEEPING, committed=committed)


def test_a_kill_after_the_inventory_was_widened_and_a_revert_leave_nothing_behind(scene: Scene) -> None:
    scene.models("iris")
    scene.objects(*mixed(4))
    scene.commit()
    scene.applied()
    before, widened = scene.state(), 3
    scene.models("iris", "rose", "tulip")
    scene.commit()
    for number in (widened, widened + 1, widened + 2):
        kill_apply(scene, number, committed=True)
        assert scene.members() > {"iris"} | {one["metadata"]["name"] for one in mixed(4)}
        scene.unlock()
        scene.checkout("HEAD~1")
        scene.applied()
        assert scene.state() == before
        scene.checkout("main")


def test_a_terminated_run_starts_no_more_objects_and_gives_the_lock_back(scene: Scene) -> None:
    scene.objects(*mixed(30))
    scene.commit()
    client: Future[Command] = Future()
    first = 4

    def delay(exchange: Exchange) -> None:
        if exchange.request.number == first:
            client.result(10).send(signal.SIGTERM)
        exchange.blackhole(1.0)
        exchange.reply(exchange.forward())

    with FaultProxy(scene.plane.apiserver, lambda request: delay if request.number >= first else None) as proxy:
        client.set_result(scene.start("apply", "--env", "dev", "--yes", "--no-wait", kubeconfig=scene.through(proxy)))
        ran = client.result().ended()
    assert ran.code == 128 + signal.SIGTERM, ran.said
    assert 0 < len(scene.names()) <= MOST_AT_ONCE
    scene.applied()
    assert len(scene.names()) == 30
