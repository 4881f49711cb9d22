"""An API that is busy, broken or cut off: the command waits and converges, or ends without having deleted anything.

``MLGITOPS_EXHAUSTIVE=1`` has the API broken for 30 seconds and not for six.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest

from tests.testbed.proxy import Answer, Exchange, Fault, FaultProxy, Request, Rule
from tests.testbed.scene import Scene, created_and_deleted

BROKEN_SECONDS = 30.0 if os.environ.get("MLGITOPS_EXHAUSTIVE") == "1" else 6.0
MOST_TRIES = 10
Proxied = Callable[[Rule], FaultProxy]


def named(*names: str) -> list[dict[str, Any]]:
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} for name in names]


def answering(status: int, **headers: str) -> Fault:
    answer = Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})
    return lambda exchange: exchange.reply(answer)


@pytest.fixture
def applied(scene: Scene) -> Scene:
    """A model and four ConfigMaps; Git has another one since, and lacks the last."""
    scene.models("iris")
    scene.objects(*named("a", "b", "c", "obsolete"))
    scene.commit()
    scene.applied()
    scene.objects(*named("a", "b", "c", "new"))
    scene.commit()
    return scene


EXPECTED = {("create", "configmaps", "new"): 1, ("delete", "configmaps", "obsolete"): 1}


def assert_converges(scene: Scene) -> None:
    with scene.plane.audit.recording() as recorded:
        scene.applied()
    assert created_and_deleted(recorded) == EXPECTED
    assert scene.members() == {"iris", "a", "b", "c", "new"}


def assert_nothing_was_changed(scene: Scene) -> str:
    before = scene.state()
    with scene.plane.audit.recording() as recorded:
        ran = scene.apply()
    assert ran.code == 1, ran.said
    assert recorded.mutating() == []
    assert scene.state() == before
    return ran.err


def test_every_request_is_turned_away_once_and_comes_back_when_it_was_told_to(applied: Scene, proxied: Proxied) -> None:
    seen: dict[tuple[str, str], float] = {}
    waited: list[float] = []

    def rule(request: Request) -> Fault | None:
        key = (request.method, request.target)
        if key not in seen:
            seen[key] = time.monotonic()
            return answering(429, Retry_After="1") if request.mutating else None
        if request.mutating and request.body:
            waited.append(time.monotonic() - seen[key])
        return None

    proxied(rule)
    assert_converges(applied)
    assert min(waited) >= 1.0


def test_who_is_always_turned_away_gives_up_after_ten_tries(applied: Scene, proxied: Proxied) -> None:
    proxy = proxied(lambda request: answering(429, Retry_After="0"))
    assert "forged by the proxy: 429" in assert_nothing_was_changed(applied)
    assert max(Counter(request.target for request in proxy.requests).values()) == MOST_TRIES


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 4], ids=["from the start", "within the apply"])
def test_an_api_that_is_broken_for_a_while_is_waited_for(applied: Scene, proxied: Proxied, first: int) -> None:
    statuses, started = cycle([500, 503, 504]), list[float]()

    def rule(request: Request) -> Fault | None:
        if request.number >= first or started:
            started.append(time.monotonic())
            return answering(next(statuses)) if time.monotonic() < started[0] + BROKEN_SECONDS else None
        return None

    proxy = proxied(rule)
    assert_converges(applied)
    same = Counter((one.method, one.target, one.body) for one in proxy.requests)
    assert 1 < max(same.values()) <= 2 * MOST_TRIES


@pytest.mark.parametrize("committed", [False, True], ids=["before it came", "before its answer"])
def test_every_write_loses_its_connection_once_and_nothing_is_done_twice(
    applied: Scene, proxied: Proxied, committed: bool
) -> None:
    seen: set[tuple[str, str, bytes]] = set()

    def lose(exchange: Exchange) -> None:
        if committed:
            exchange.forward()
        exchange.reset()

    def rule(request: Request) -> Fault | None:
        key = (request.method, request.target, request.body)
        if not request.mutating or key in seen:
            return None
        seen.add(key)
        return lose

    proxied(rule)
    assert_converges(applied)


def is_list(request: Request) -> bool:
    return request.method == "GET" and "limit" in request.query


@pytest.mark.parametrize("length", [True, False], ids=["with a length", "without a length"])
def test_a_list_that_is_always_cut_is_never_taken_for_empty(applied: Scene, proxied: Proxied, length: bool) -> None:
    def cut(exchange: Exchange) -> None:
        exchange.cut(exchange.forward(), length=length)

    proxied(lambda request: cut if is_list(request) else None)
    assert_nothing_was_changed(applied)


def test_a_list_that_is_cut_once_is_made_again(applied: Scene, proxied: Proxied) -> None:
    seen: set[str] = set()

    def cut(exchange: Exchange) -> None:
        seen.add(exchange.request.target)
        exchange.cut(exchange.forward())

    proxied(lambda request: cut if is_list(request) and request.target not in seen else None)
    assert_converges(applied)


def in_small_pages(request: Request) -> Request:
    return replace(request, target=request.target.replace("limit=500", "limit=2"))


def test_a_list_that_cannot_be_continued_is_made_anew(applied: Scene, proxied: Proxied) -> None:
    gone: list[str] = []

    def paged(exchange: Exchange) -> None:
        if "continue" in exchange.request.query and not gone:
            gone.append(exchange.request.target)
            exchange.reply(Answer(410))
            return
        exchange.request = in_small_pages(exchange.request)
        exchange.reply(exchange.forward())

    proxied(lambda request: paged if is_list(request) else None)
    assert_converges(applied)
    assert gone


def test_a_list_that_can_never_be_continued_is_never_taken_for_whole(applied: Scene, proxied: Proxied) -> None:
    def paged(exchange: Exchange) -> None:
        if "continue" in exchange.request.query:
            exchange.reply(Answer(410))
            return
        exchange.request = in_small_pages(exchange.request)
        exchange.reply(exchange.forward())

    proxied(lambda request: paged if is_list(request) else None)
    assert_nothing_was_changed(applied)


@pytest.mark.parametrize("body", [b"{}", b"null", b"[]", b'{"kind":"Status"}', b'{"items":[]}', b"<html>"])
def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(applied: Scene, proxied: Proxied, body: bytes) -> None:
    proxied(lambda request: (lambda exchange: exchange.reply(Answer(200, body=body))) if is_list(request) else None)
    assert_nothing_was_changed(applied)
