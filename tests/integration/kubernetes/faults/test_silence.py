"""A cluster that does not answer, answers a byte a second, or loses its etcd: what is told of it comes in time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Set
from typing import Any

import pytest

from tests.integration.kubernetes.soak.expected import as_it_is, expected
from tests.testbed.audit import Recording
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.proxy import Exchange, Fault, FaultProxy, Request, Rule
from tests.testbed.scene import Counts, Scene, created_and_deleted
from tests.testbed.soak.branch import BRANCH, Branch
from tests.testbed.soak.clusters import Clusters, model_definitions
from tests.testbed.soak.watched import Watched
from tests.testbed.together import Together

pytestmark = pytest.mark.slow
together = Together()

LONGEST_REQUEST = 60.0
"""Seconds, mlgitops.targets.kubernetes.client.SECONDS."""
SLACK = 30.0
ETCD_SECONDS = 60.0
"""For how long etcd stands still: longer than the lock lasts, and as long as a request may take."""
OBJECTS = 30
GOOD = {"applied", "in-sync"}


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


def when(condition: Callable[[Request], bool], fault: Fault) -> Rule:
    return lambda request: fault if condition(request) else None


def assert_given_up_in_time(scene: Scene, rule: Rule) -> None:
    scene.objects(*named(3))
    scene.commit()
    started = time.monotonic()
    with scene.recording() as recorded, FaultProxy(scene.plane.apiserver, rule) as proxy:
        ran = scene.apply(kubeconfig=scene.through(proxy))
    assert (ran.code, "cannot be reached" in ran.err) == (1, True), ran.said
    assert time.monotonic() - started < LONGEST_REQUEST + SLACK
    assert recorded.mutating() == []


@together
def test_the_deadline_holds_where_nothing_is_answered(scene: Scene) -> None:
    assert_given_up_in_time(scene, when(lambda request: True, blackhole))


@together
def test_the_deadline_holds_where_a_list_is_not_answered(scene: Scene) -> None:
    assert_given_up_in_time(scene, when(is_list, blackhole))


@together
def test_the_deadline_holds_where_an_answer_begins_at_a_byte_a_second(scene: Scene) -> None:
    assert_given_up_in_time(scene, when(is_list, drip_head))


@together
def test_the_deadline_holds_where_an_answers_body_comes_at_a_byte_a_second(scene: Scene) -> None:
    assert_given_up_in_time(scene, when(is_list, drip_body))


@together
def test_a_cluster_that_falls_silent_within_an_apply_is_given_up_and_mended_later(scene: Scene) -> None:
    scene.objects(*named(OBJECTS))
    scene.commit()
    started = time.monotonic()
    with scene.recording() as recorded:
        with FaultProxy(scene.plane.apiserver, silent_from(8)) as proxy:
            ran = scene.apply(kubeconfig=scene.through(proxy))
        assert ran.code == 1, ran.said
        assert time.monotonic() - started < 2 * LONGEST_REQUEST + SLACK
        scene.applied()
    assert_done_once(scene, created_and_deleted(recorded))


def silent_from(number: int) -> Rule:
    silent: list[int] = []

    def rule(request: Request) -> Fault | None:
        if request.number == number:
            silent.append(number)
        return blackhole if silent else None

    return rule


@together
def test_an_apply_whose_etcd_stands_still_fails_closed_and_resumes_and_does_nothing_twice(scene: Scene) -> None:
    with ControlPlane(scene.plane.programs) as plane:  # to all others that one would stand still, too
        plane.apply_crds(model_definitions())
        elsewhere = Scene(plane, scene.root, plane.new_namespace(), scene.environment)
        elsewhere.objects(*named(OBJECTS))
        elsewhere.commit()
        with elsewhere.recording() as recorded:
            apply_while_etcd_stands_still(elsewhere)
            elsewhere.applied()
        assert_done_once(elsewhere, created_and_deleted(recorded), unanswered(recorded))


def unanswered(recorded: Recording) -> set[str]:
    """Names of what the API server could not say whether it was written; etcd may have it all the same."""
    return {event.name for event in recorded.mutating() if event.status not in range(200, 500)}


def apply_while_etcd_stands_still(scene: Scene) -> None:
    """It begins well; whoever it tells afterwards that all is done tells the truth."""

    def stop(exchange: Exchange) -> None:
        scene.plane.etcd.process.pause()
        exchange.reply(exchange.forward())

    with FaultProxy(scene.plane.apiserver, when(lambda request: request.number == 8, stop)) as proxy:
        command = scene.start("apply", "--env", "dev", "--yes", "--no-wait", kubeconfig=scene.through(proxy))
        try:
            while not any(request.number == 8 for request in proxy.requests):
                assert command.poll() is None
                time.sleep(0.1)
            time.sleep(ETCD_SECONDS)
            assert command.poll() != 0
        finally:
            scene.plane.etcd.process.resume()
        ran = command.ended()
    assert ran.code == (0 if len(scene.names()) == OBJECTS else 1), ran.said


def assert_done_once(scene: Scene, counts: Counts, unanswered: Set[str] = frozenset()) -> None:
    """Each is there and was created once, but for those of which the API server's own word is missing."""
    assert len(scene.names()) == OBJECTS
    told = {name for (_, _, name) in counts}
    all_of_it = {f"data-{i}" for i in range(OBJECTS)} | {scene.inventory_name}
    assert told | (unanswered & all_of_it) == all_of_it
    assert set(counts.values()) == {1}


@together
def test_while_etcd_of_one_cluster_stands_still_another_one_goes_on_and_nothing_is_done_twice(scene: Scene) -> None:
    stopped: list[float] = []
    with ControlPlane(scene.plane.programs) as other, FaultProxy(other.apiserver) as proxy:
        other.apply_crds(model_definitions())

        def stop(exchange: Exchange) -> None:
            other.etcd.process.pause()
            stopped.append(time.monotonic())
            exchange.reply(exchange.forward())

        def rule(request: Request) -> Fault | None:
            is_object = request.mutating and "leases" not in request.path
            return stop if is_object and request.number > 10 and not stopped else None

        clusters = Clusters([scene.plane, other], ["dev"], [scene.plane.apiserver.access(ADMIN), proxy.access(ADMIN)])
        root, variables = scene.root.with_name("two"), scene.variables(clusters.kubeconfig)
        branch = Branch(root, clusters.layout(), random.Random(0), variables)  # noqa: S311
        arguments = ["--repository", str(branch.bare), "--branch", BRANCH, "--state", str(root / "state")]
        proxy.rule = rule
        here, there = clusters.places
        with (
            clusters.serving(),
            other.audit.recording() as recorded,
            Watched.running([*arguments, "--interval", "1s"], root, variables, root / "said") as controller,
        ):
            try:
                controller.until(lambda: stopped, "an apply to begin")
                controller.until(lambda: controller.words().get("dev/dev-0") in GOOD, "the other cluster")
                branch.change("dev")
                controller.until(lambda: as_it_is(here) == expected(branch, here), "the other cluster to follow")
                controller.until(lambda: controller.words()["dev/dev-1"] in ("failed", "unreachable"), "it to be named")
                time.sleep(max(0.0, stopped[0] + ETCD_SECONDS - time.monotonic()))
            finally:
                other.etcd.process.resume()
            controller.until(lambda: set(controller.words().values()) <= GOOD, "everything to be well again")
            assert as_it_is(there) == expected(branch, there)
        assert set(created_and_deleted(recorded).values()) == {1}
    assert "Traceback" not in controller.log.read_text()
