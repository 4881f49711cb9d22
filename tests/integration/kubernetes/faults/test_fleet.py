"""Ten targets, each a namespace behind an address of its own: what one of them suffers is its own affair."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from tests.testbed.command import Command
from tests.testbed.fleet import Fleet, blackhole
from tests.testbed.proxy import Exchange, Fault, Request
from tests.testbed.scene import Scene

NAMES = tuple(f"target-{number}" for number in range(10))
*HEALTHY, LAST = NAMES
MODELS = ("iris", "rose", "tulip")
EVERYWHERE = {name: set(MODELS) for name in NAMES}
MANY, AT_ONCE = 20, 8
"""Models, and objects that are written at once at one target, mlgitops.targets.kubernetes.client.WIDTH."""
SECONDS = 60.0
"""The longest that one target waits for what the others do; a command that had to wait for it would never end well."""


@pytest.fixture
def ten(scene: Scene) -> Iterator[Fleet]:
    """Three models for ten targets, committed and not yet applied."""
    with Fleet.of(scene, len(NAMES)) as fleet:
        scene.models(*MODELS)
        scene.commit()
        yield fleet


@pytest.fixture
def silent() -> Iterator[dict[str, int]]:
    """The last target, at the port of a server that never says a word."""
    with blackhole() as port:
        yield {LAST: port}


@pytest.mark.slow
def test_one_of_ten_that_is_blackholed_is_named_and_the_others_converge(ten: Fleet, silent: dict[str, int]) -> None:
    ten.reach(**silent)
    ran = ten.scene.apply()
    assert ran.code == 1, ran.said
    assert "Not planned: 1 of 10 targets could not be read: target-9." in ran.out
    assert "Target target-9\n  error  the cluster at https://127.0.0.1:" in ran.out
    assert "Plan: 27 to create, 0 to change" in ran.out
    assert "27 created, 0 changed, 0 removed." in ran.out
    assert ten.models() == {**EVERYWHERE, LAST: set()}

    ten.reach()
    with ten.scene.plane.audit.recording() as recorded:
        ten.scene.applied()
    assert ten.models() == EVERYWHERE
    assert set(ten.writes(recorded)) == {LAST}


@pytest.mark.slow
def test_what_looks_at_ten_of_which_one_is_blackholed_shows_the_others_and_exits_with_1(
    ten: Fleet, silent: dict[str, int]
) -> None:
    ten.scene.applied()
    ten.reach(**silent)
    for verb in ("plan", "drift", "diff"):
        ran = ten.scene.run(verb)
        assert (ran.code, ran.err) == (1, "error: could not be read: target target-9\n"), ran.said
    status = ten.scene.run("status", "-o", "json")
    targets = {one["target"]: one for one in json.loads(status.out)["environments"][0]["targets"]}
    assert status.code == 1
    assert {name for name, one in targets.items() if one["error"]} == {LAST}
    assert {len(targets[name]["running"]) for name in HEALTHY} == {len(MODELS)}


@pytest.mark.slow
def test_a_saved_plan_is_applied_to_the_nine_that_are_still_there(ten: Fleet, silent: dict[str, int]) -> None:
    assert ten.scene.run("plan", "--env", "dev", "-o", "json=plan.json").code == 0
    ten.reach(**silent)
    ran = ten.scene.run("apply", "plan.json", "--no-wait")
    assert (ran.code, "Target target-9\n  error  " in ran.out) == (1, True), ran.said
    assert ten.models() == {**EVERYWHERE, LAST: set()}


class Slow:
    """The last target answers a request that is ``held`` only once all others have got one that is ``awaited``.

    A command that did one target after another would wait for it, and it for them, until the time is up.
    """

    def __init__(self, fleet: Fleet, held: Callable[[Request], bool], awaited: Callable[[Request], bool]) -> None:
        self.waited_in_vain = False
        self.written_before: list[int] = []
        self._fleet = fleet
        self._left = set(HEALTHY)
        self._others = threading.Event()
        for name in HEALTHY:
            fleet.proxies[name].rule = self._watching(name, awaited)
        fleet.proxies[LAST].rule = lambda request: self._hold if held(request) else None

    def _watching(self, name: str, awaited: Callable[[Request], bool]) -> Callable[[Request], Fault | None]:
        def rule(request: Request) -> Fault | None:
            if awaited(request):
                self._left.discard(name)
            if not self._left:
                self._others.set()
            return None

        return rule

    def _hold(self, exchange: Exchange) -> None:
        self.waited_in_vain = self.waited_in_vain or not self._others.wait(SECONDS)
        answer = exchange.forward()
        self.written_before.append(sum(self._fleet.proxies[name].mutations for name in HEALTHY))
        exchange.reply(answer)


def is_inventory(request: Request) -> bool:
    return request.path.rpartition("/")[0].endswith("/configmaps")


def gives_the_lock_back(request: Request) -> bool:
    return request.method == "PUT" and "/leases/" in request.path and b'"holderIdentity"' not in request.body


def test_a_slow_target_is_read_beside_the_others(ten: Fleet) -> None:
    slow = Slow(ten, held=lambda request: True, awaited=is_inventory)
    ran = ten.scene.run("plan", "--env", "dev")
    assert (ran.code, "30 to create" in ran.out) == (0, True), ran.said
    assert not slow.waited_in_vain


def test_a_slow_target_is_locked_and_read_beside_the_others_and_nothing_is_written_before(ten: Fleet) -> None:
    assert ten.scene.run("plan", "--env", "dev", "-o", "json=plan.json").code == 0
    slow = Slow(ten, held=is_inventory, awaited=is_inventory)
    ran = ten.scene.run("apply", "plan.json", "--no-wait")
    assert ran.code == 0, ran.said
    assert (slow.waited_in_vain, slow.written_before[0]) == (False, 0)


def test_the_others_are_done_while_one_does_not_answer(ten: Fleet) -> None:
    slow = Slow(ten, held=lambda request: request.number == 1, awaited=gives_the_lock_back)
    ten.scene.applied()
    assert not slow.waited_in_vain
    assert ten.models() == EVERYWHERE


def test_a_terminated_run_starts_no_more_objects_at_any_target_and_gives_the_locks_back(ten: Fleet) -> None:
    ten.scene.models(*(f"model-{number}" for number in range(MANY)))
    ten.scene.commit()
    client: Future[Command] = Future()
    terminated = threading.Event()

    def terminate(exchange: Exchange) -> None:
        if not terminated.is_set():
            terminated.set()
            client.result(SECONDS).send(signal.SIGTERM)
        exchange.blackhole(2.0)
        exchange.reply(exchange.forward())

    for proxy in ten.proxies.values():
        proxy.rule = lambda request: terminate if request.method == "PATCH" and request.mutating else None
    command = ten.scene.start("apply", "--env", "dev", "--yes", "--no-wait")
    client.set_result(command)
    ran = command.ended()
    assert ran.code == 128 + signal.SIGTERM, ran.said
    assert sum(map(len, ten.models().values())) <= AT_ONCE * len(NAMES)
    for proxy in ten.proxies.values():
        proxy.rule = lambda request: None
    ten.scene.applied()
    assert {len(models) for models in ten.models().values()} == {MANY}


def test_where_one_of_ten_moved_since_the_plan_nothing_is_written_anywhere(ten: Fleet) -> None:
    assert ten.scene.run("plan", "--env", "dev", "-o", "json=plan.json").code == 0
    theirs = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "spec": {"predictor": {}}}
    ten.scene.plane.api.create({**theirs, "metadata": {"name": "iris", "namespace": ten.namespaces[LAST]}})
    with ten.scene.plane.audit.recording() as recorded:
        ran = ten.scene.run("apply", "plan.json", "--no-wait")
    assert (ran.code, "moved after the plan was made" in ran.err) == (1, True), ran.said
    assert recorded.mutating() == []
