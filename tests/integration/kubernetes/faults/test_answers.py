"""An API that is busy, cut off, or answers what it should not: the command goes on, or ends having deleted nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.testbed.proxy import Answer, Exchange, Fault, FaultProxy, Request, Rule
from tests.testbed.scene import Scene, created_and_deleted

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


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_told_to_come_back_later_than_there_is_patience_for_gives_up_at_once_and_says_when(
    applied: Scene, proxied: Proxied, status: int
) -> None:
    asked: list[str] = []

    def rule(request: Request) -> Fault | None:
        if not is_list(request):
            return None
        asked.append(request.target)
        return answering(status, Retry_After="60")

    proxied(rule)
    assert "it asks to wait for 60 s" in assert_nothing_was_changed(applied)
    assert len(asked) == len(set(asked))


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


def test_a_list_that_is_cut_without_a_sign_is_never_taken_for_whole(applied: Scene, proxied: Proxied) -> None:
    def cut(exchange: Exchange) -> None:
        exchange.cut(exchange.forward(), length=False)

    proxied(lambda request: cut if is_list(request) else None)
    assert_nothing_was_changed(applied)


@pytest.mark.parametrize("body", [b"{}", b"null", b"[]", b'{"kind":"Status"}', b'{"items":[]}', b"<html>"])
def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(applied: Scene, proxied: Proxied, body: bytes) -> None:
    proxied(lambda request: (lambda exchange: exchange.reply(Answer(200, body=body))) if is_list(request) else None)
    assert_nothing_was_changed(applied)
