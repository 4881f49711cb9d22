"""An API that is busy or broken for long: the command waits and converges, or ends without having changed anything."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any

import pytest

from tests.testbed.proxy import Answer, Exchange, Fault, FaultProxy, Request, Rule
from tests.testbed.scene import Scene, created_and_deleted
from tests.testbed.together import Together

pytestmark = pytest.mark.slow
together = Together()

BROKEN_SECONDS = 30.0
MOST_TRIES = 10
MANY = 1_000
PRUNED = 100


def named(*names: str) -> list[dict[str, Any]]:
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} for name in names]


def answering(status: int, **headers: str) -> Fault:
    answer = Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})
    return lambda exchange: exchange.reply(answer)


def changed_since_applied(scene: Scene) -> None:
    """A model and four ConfigMaps are applied; Git has another one since, and lacks the last."""
    scene.models("iris")
    scene.objects(*named("a", "b", "c", "obsolete"))
    scene.commit()
    scene.applied()
    scene.objects(*named("a", "b", "c", "new"))
    scene.commit()


def assert_nothing_is_changed(scene: Scene, rule: Rule) -> FaultProxy:
    before = scene.names()
    with scene.recording() as recorded, FaultProxy(scene.plane.apiserver, rule) as proxy:
        ran = scene.apply(kubeconfig=scene.through(proxy))
    assert ran.code == 1, ran.said
    assert recorded.mutating() == []
    assert scene.names() == before
    return proxy


def assert_converges(scene: Scene, rule: Rule, expected: Mapping[tuple[str, str, str], int]) -> FaultProxy:
    with scene.recording() as recorded, FaultProxy(scene.plane.apiserver, rule) as proxy:
        ran = scene.apply(kubeconfig=scene.through(proxy))
    assert ran.code == 0, ran.said
    assert created_and_deleted(recorded) == expected
    return proxy


@together
def test_who_is_always_turned_away_gives_up_after_ten_tries(scene: Scene) -> None:
    changed_since_applied(scene)
    proxy = assert_nothing_is_changed(scene, lambda request: answering(429, Retry_After="0"))
    assert max(Counter(request.target for request in proxy.requests).values()) == MOST_TRIES


@together
def test_an_api_that_is_broken_from_the_start_is_waited_for(scene: Scene) -> None:
    changed_since_applied(scene)
    assert_a_broken_api_is_waited_for(scene, 0)


@together
def test_an_api_that_breaks_within_an_apply_is_waited_for(scene: Scene) -> None:
    changed_since_applied(scene)
    assert_a_broken_api_is_waited_for(scene, 4)


def assert_a_broken_api_is_waited_for(scene: Scene, first: int) -> None:
    statuses, started = cycle([500, 503, 504]), list[float]()

    def rule(request: Request) -> Fault | None:
        if request.number >= first or started:
            started.append(time.monotonic())
            return answering(next(statuses)) if time.monotonic() < started[0] + BROKEN_SECONDS else None
        return None

    expected = {("create", "configmaps", "new"): 1, ("delete", "configmaps", "obsolete"): 1}
    proxy = assert_converges(scene, rule, expected)
    assert started[-1] - started[0] > BROKEN_SECONDS
    same = Counter((one.method, one.target, one.body) for one in proxy.requests)
    assert 1 < max(same.values()) <= 2 * MOST_TRIES


def is_list(request: Request) -> bool:
    return request.method == "GET" and "limit" in request.query


def is_last_page(request: Request) -> bool:
    return is_list(request) and "continue" in request.query


@together
def test_a_list_of_a_thousand_that_is_cut_or_not_continued_is_never_taken_for_whole(scene: Scene) -> None:
    a_thousand_with_some_to_prune(scene)
    rules: list[Rule] = [
        lambda request: cut if is_list(request) else None,
        lambda request: cut if is_last_page(request) else None,
        lambda request: cut_unseen if is_last_page(request) else None,
        lambda request: answering(410) if is_last_page(request) else None,
    ]
    with ThreadPoolExecutor(len(rules)) as pool:
        list(pool.map(lambda rule: assert_nothing_is_changed(scene, rule), rules))


@together
def test_a_list_of_a_thousand_that_is_cut_or_not_continued_once_is_made_again(scene: Scene) -> None:
    a_thousand_with_some_to_prune(scene)
    faults = [cut, answering(410)]

    def rule(request: Request) -> Fault | None:
        return faults.pop() if faults and is_last_page(request) else None

    pruned = {("delete", "configmaps", f"data-{i}"): 1 for i in range(PRUNED)}
    assert_converges(scene, rule, pruned)
    assert faults == []


def a_thousand_with_some_to_prune(scene: Scene) -> None:
    everything = named(*(f"data-{i}" for i in range(MANY)))
    scene.objects(*everything)
    scene.commit()
    scene.applied("--no-progress")
    scene.objects(*everything[PRUNED:])
    scene.commit()


def cut(exchange: Exchange) -> None:
    exchange.cut(exchange.forward())


def cut_unseen(exchange: Exchange) -> None:
    exchange.cut(exchange.forward(), length=False)
