from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

import pytest

from mlgitops.errors import TargetError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Plan, TargetPlan
from mlgitops.plan.health import DeclaredRule, Health, State
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.spec.cel import compiled
from mlgitops.targets import Connection, Event, Live
from mlgitops.workflows.wait import Clock, Terms, wait, wait_for

CLUSTER = {"kubernetes": {"context": "x"}}
KSERVE = "serving.kserve.io/v1beta1"
EVENT = Event("Pod/iris-1", "Warning", "FailedScheduling", "no node has a GPU")


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Cluster:
    """A cluster in which objects become what a function of the time says; None for what is not there."""

    def __init__(self, time: Time, objects: Callable[[float], Sequence[Manifest]]) -> None:
        self._time = time
        self._objects = objects

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        """What is there now."""
        return {identity(one): Live.of(one) for one in self._objects(self._time.seconds - 100)}

    def events(self, identity: Identity) -> Sequence[Event]:
        """One Event about whatever is asked for."""
        return [EVENT]


def deployment(name: str, *, done: bool, late: bool = False) -> Manifest:
    progress = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too late"}
    status = {"observedGeneration": 1, "updatedReplicas": int(done), "availableReplicas": int(done), "replicas": 1}
    metadata = {"name": name, "namespace": "ml", "generation": 1}
    conditions = [progress] if late else []
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
            "status": {**status, "conditions": conditions}}  # fmt: skip


def service(name: str, ready: str) -> Manifest:
    conditions = [{"type": "Ready", "status": ready, "message": "loading the model"}]
    metadata = {"name": name, "namespace": "ml", "generation": 1}
    return {
        "apiVersion": KSERVE,
        "kind": "InferenceService",
        "metadata": metadata,
        "status": {"conditions": conditions},
    }


def blocked(name: str) -> Manifest:
    return {**service(name, "True"), "status": {"modelStatus": {"transitionStatus": "BlockedByFailedLoad"}}}


def waited(
    objects: Callable[[float], Sequence[Manifest]],
    *,
    time: Time | None = None,
    timeout: float = 60,
    connection: Mapping[str, Any] = CLUSTER,
    seen: list[Health] | None = None,
    rules: tuple[DeclaredRule, ...] = (),
    written: Sequence[Manifest] = (),
) -> tuple[Waited, ...]:
    time = time or Time()
    done = tuple(
        ObjectOutcome(identity(one), Action.CREATE, "Model/iris", Result.DONE) for one in written or objects(10**6)
    )
    plan = Plan("shop", "dev", "c1", "", (TargetPlan("aws", connection, "", ()),))
    outcome = Outcome("dev", "c1", (TargetOutcome("aws", done),))
    clock = Clock(lambda: time.seconds, time.sleep)
    cluster = cast("Connection", Cluster(time, objects))

    def progress(target: str, one: Identity, health: Health) -> None:
        if seen is not None:
            seen.append(health)

    return wait(plan, {"aws": cluster}, outcome, clock, Terms(timeout, rules), progress)


def test_it_waits_until_everything_is_ready() -> None:
    (first, second) = waited(lambda now: [deployment("a", done=now >= 3), deployment("b", done=True)])
    assert (first.identity.name, first.readiness, first.seconds) == ("b", Readiness.READY, 0)
    assert (second.identity.name, second.readiness) == ("a", Readiness.READY)
    assert 3 <= second.seconds <= 5
    assert first.events == second.events == ()


def test_pauses_grow_within_bounds_and_end_with_the_time() -> None:
    time = Time()
    waited(lambda now: [deployment("a", done=False)], time=time, timeout=40)
    assert time.slept[:3] == [1.0, 1.5, 2.25]
    assert max(time.slept) <= 10
    assert sum(time.slept) == pytest.approx(40)


def test_what_must_stay_good_for_a_while_is_looked_at_once_that_is_over() -> None:
    time = Time()
    (one,) = waited(lambda now: [service("a", "True")], time=time)
    assert (one.readiness, one.seconds) == (Readiness.READY, 5)
    assert time.slept == [1.0, 1.5, 2.25, 0.25]


def test_when_time_is_up_the_condition_and_the_last_events_are_told() -> None:
    (one,) = waited(lambda now: [service("a", "False")])
    assert (one.readiness, one.health.reason, one.events) == (Readiness.TIMED_OUT, "Ready: loading the model", (EVENT,))
    assert not one.succeeded


def test_a_certain_failure_ends_the_waiting_at_once() -> None:
    time = Time()
    (one,) = waited(lambda now: [deployment("a", done=False, late=True)], time=time)
    assert (one.readiness, one.health.reason, one.events) == (Readiness.FAILED, "Progressing: too late", (EVENT,))
    assert time.slept == []


def test_a_status_that_may_be_the_one_before_must_stay_good_for_a_while() -> None:
    def flickers(now: float) -> Sequence[Manifest]:
        return [service("a", "False" if 2 <= now < 8 else "True")]

    (one,) = waited(flickers)
    assert one.readiness is Readiness.READY
    assert one.seconds >= 8 + 5


def test_a_failure_that_may_be_the_one_just_repaired_gets_its_time() -> None:
    (repaired,) = waited(lambda now: [blocked("a") if now < 20 else service("a", "True")])
    assert repaired.readiness is Readiness.READY
    (still,) = waited(lambda now: [blocked("a")])
    assert still.readiness is Readiness.FAILED
    assert 30 <= still.seconds < 45


def test_what_is_held_back_on_purpose_is_not_waited_for() -> None:
    def queued(now: float) -> Sequence[Manifest]:
        status = {"conditions": [{"type": "Suspended", "status": "True", "message": "no quota yet"}]}
        metadata = {"name": "t", "namespace": "ml"}
        return [{"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "status": status}]

    (one,) = waited(queued)
    assert (one.readiness, one.succeeded, one.seconds) == (Readiness.SUSPENDED, True, 0)


def test_a_run_that_is_gone_has_ended_but_a_service_that_is_gone_is_missed() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "t", "namespace": "ml"}}
    ended, missed = waited(lambda now: [], written=[job, service("a", "True")], timeout=5)
    assert (ended.readiness, ended.health.reason) == (Readiness.READY, "it ended and is gone")
    assert (missed.readiness, missed.health.reason) == (Readiness.TIMED_OUT, "it is not there")


def test_a_target_that_cannot_be_read_for_a_moment_is_tried_again() -> None:
    def restarts(now: float) -> Sequence[Manifest]:
        if now < 4:
            raise TargetError("connection refused")
        return [deployment("a", done=True)]

    seen: list[Health] = []
    (one,) = waited(restarts, seen=seen)
    assert one.readiness is Readiness.READY
    assert seen[0].reason == "aws cannot be read: connection refused"


def test_progress_is_told_only_when_something_is_new() -> None:
    seen: list[Health] = []
    waited(lambda now: [deployment("a", done=now >= 10)], seen=seen)
    assert [health.state for health in seen] == [State.PROGRESSING, State.READY]


def test_an_environments_rule_decides_about_kinds_that_are_not_known() -> None:
    def widget(now: float) -> Sequence[Manifest]:
        metadata = {"name": "w", "namespace": "ml"}
        return [{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "status": {"done": now >= 9}}]

    (one,) = waited(widget, rules=(DeclaredRule("example.com", "Widget", compiled("object.status.done")),))
    assert one.readiness is Readiness.READY
    assert one.seconds >= 9


def test_files_are_not_waited_for() -> None:
    assert waited(lambda now: [service("a", "False")], connection={"directory": {"path": "out"}}) == ()


def test_what_was_deleted_and_made_anew_is_waited_for() -> None:
    time = Time()
    replaced = deployment("a", done=False)
    cluster = cast("Connection", Cluster(time, lambda now: [deployment("a", done=now >= 3)]))
    objects = (ObjectOutcome(identity(replaced), Action.REPLACE, "Model/iris", Result.DONE),)
    clock = Clock(lambda: time.seconds, time.sleep)
    (one,) = wait_for({"aws": objects}, {"aws": cluster}, clock, Terms(60), lambda *_: None)
    assert (one.readiness, one.seconds >= 3) == (Readiness.READY, True)


def test_only_what_was_written_is_waited_for() -> None:
    done = {
        Action.DELETE: Result.DONE, Action.UPDATE: Result.FAILED, Action.CREATE: Result.SKIPPED,
    }  # fmt: skip
    one = Identity("", "ConfigMap", "ml", "a")
    objects = tuple(ObjectOutcome(one, action, "Model/iris", result) for action, result in done.items())
    plan = Plan("shop", "dev", "c1", "", (TargetPlan("aws", CLUSTER, "", ()),))
    outcome = Outcome("dev", "c1", (TargetOutcome("aws", objects),))
    clock = Clock(lambda: 0.0, lambda seconds: pytest.fail("it slept"))
    assert wait(plan, {}, outcome, clock, Terms(1), lambda target, one, health: None) == ()
