"""A cluster that does not answer, answers a byte a second, or loses its etcd: the command ends in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import Exchange, Fault, FaultProxy, Request, Rule
from tests.testbed.scene import Ran, Scene, created_and_deleted

pytestmark = pytest.mark.slow

LONGEST_REQUEST = 60.0
"""Seconds, mlgitops.targets.kubernetes.client.SECONDS."""
SLACK = 20.0
ETCD_SECONDS = 20.0
"""For how long etcd stands still: longer than the lock lasts."""


def named(count: int) -> list[dict[str, Any]]:
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"data-{i}"}} for i in range(count)]


def blackhole(exchange: Exchange) -> None:
    exchange.blackhole()


def drip_head(exchange: Exchange) -> None:
    exchange.drip(exchange.forward(), head=True)


def drip_body(exchange: Exchange) -> None:
    exchange.drip(exchange.forward(), head=False)


def is_list(request: Request) -> bool:
    return request.method == "GET" and "limit" in request.query


@pytest.fixture
def timed(scene: Scene) -> Iterator[Callable[[Rule], tuple[Ran, float]]]:
    """``timed(rule)``: an apply through a proxy with that rule, and the seconds that it took."""
    with ExitStack() as stack:

        def run(rule: Rule) -> tuple[Ran, float]:
            proxy = stack.enter_context(FaultProxy(scene.plane.apiserver, rule))
            kubeconfig = scene.plane.write_kubeconfig(f"proxy-{proxy.port}", proxy.access(ADMIN))
            started = time.monotonic()
            return scene.apply(kubeconfig=kubeconfig), time.monotonic() - started

        yield run


def when(condition: Callable[[Request], bool], fault: Fault) -> Rule:
    return lambda request: fault if condition(request) else None


def test_the_deadline_of_a_request_holds_whatever_is_not_answered(
    scene: Scene, timed: Callable[[Rule], tuple[Ran, float]]
) -> None:
    scene.objects(*named(3))
    scene.commit()
    rules = [
        when(lambda request: True, blackhole), when(is_list, blackhole), when(is_list, drip_head),
        when(is_list, drip_body),
    ]  # fmt: skip
    with scene.plane.audit.recording() as recorded, ThreadPoolExecutor(len(rules)) as pool:
        results = list(pool.map(timed, rules))
    assert [ran.code for ran, _ in results] == [1] * len(rules), results
    assert all("cannot be reached" in ran.err for ran, _ in results), results
    assert max(seconds for _, seconds in results) < LONGEST_REQUEST + SLACK
    assert recorded.mutating() == []


def test_a_cluster_that_falls_silent_within_an_apply_is_given_up_and_mended_later(
    scene: Scene, timed: Callable[[Rule], tuple[Ran, float]]
) -> None:
    scene.objects(*named(30))
    scene.commit()
    silent: list[int] = []

    def rule(request: Request) -> Fault | None:
        if request.number == 8:
            silent.append(request.number)
        return blackhole if silent else None

    with scene.plane.audit.recording() as recorded:
        ran, seconds = timed(rule)
        assert ran.code == 1, ran.said
        assert seconds < 2 * LONGEST_REQUEST + SLACK
        scene.applied()
    counts = created_and_deleted(recorded)
    assert {name for (_, _, name) in counts} == {f"data-{i}" for i in range(30)} | {scene.inventory_name}
    assert set(counts.values()) == {1}


def test_an_apply_whose_etcd_stands_still_beyond_the_lock_ends_or_resumes_and_does_nothing_twice(scene: Scene) -> None:
    scene.objects(*named(30))
    scene.commit()

    def stop(exchange: Exchange) -> None:
        scene.plane.etcd.process.pause()
        exchange.reply(exchange.forward())

    with scene.plane.audit.recording() as recorded:
        with FaultProxy(scene.plane.apiserver, when(lambda request: request.number == 8, stop)) as proxy:
            kubeconfig = scene.plane.write_kubeconfig("etcd", proxy.access(ADMIN))
            process = scene.start("apply", "--env", "dev", "--yes", "--no-wait", kubeconfig=kubeconfig)
            time.sleep(ETCD_SECONDS)
            try:
                assert process.poll() != 0
            finally:
                scene.plane.etcd.process.resume()
            ran = scene.ended(process)
        assert ran.code == (0 if len(scene.names()) == 30 else 1), ran.said
        scene.applied()
    assert len(scene.names()) == 30
    counts = created_and_deleted(recorded)
    assert {name for (_, _, name) in counts} == {f"data-{i}" for i in range(30)} | {scene.inventory_name}
    assert set(counts.values()) == {1}
