from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.health import State, health

TIME = "2026-01-01T00:00:00Z"
Live = Callable[..., Manifest]
DONE = {"observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        ({}, State.PROGRESSING, "its controller has not reported on it yet"),
        ({"observedGeneration": 2}, State.PROGRESSING, "its controller has not seen the last change yet"),
        ({"updatedReplicas": 1}, State.PROGRESSING, "1 of 2 replicas updated"),
        ({"replicas": 3}, State.PROGRESSING, "1 old replicas to go"),
        ({"availableReplicas": 1}, State.PROGRESSING, "1 of 2 replicas available"),
        ({"replicas": 2}, State.READY, "2 available"),
    ],
)
def test_a_deployment_is_ready_when_all_replicas_are_new_and_available(
    live: Live, status: dict[str, Any], state: State, reason: str
) -> None:
    found = health(live("apps/v1 Deployment", {**DONE, **status} if status else {}, {"replicas": 2}))
    assert (found.state, found.reason) == (state, reason)


def test_a_deployment_past_its_deadline_has_failed(live: Live) -> None:
    late = {"status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out progressing."}
    found = health(live("apps/v1 Deployment", DONE, {"replicas": 2}, Progressing=late))
    assert (found.state, found.reason, found.since) == (State.FAILED, "Progressing: has timed out progressing.", TIME)


def test_a_deployment_says_why_no_pods_come(live: Live) -> None:
    blocked = {"status": "True", "reason": "FailedCreate", "message": "exceeded quota: gpus"}
    found = health(live("apps/v1 Deployment", {**DONE, "updatedReplicas": 0}, {"replicas": 2}, ReplicaFailure=blocked))
    assert found.reason == "0 of 2 replicas updated; ReplicaFailure: exceeded quota: gpus"


def test_a_paused_deployment_is_suspended(live: Live) -> None:
    assert health(live("apps/v1 Deployment", DONE, {"paused": True})).state is State.SUSPENDED


@pytest.mark.parametrize(
    ("status", "spec", "state"),
    [
        ({"readyReplicas": 1}, {}, State.PROGRESSING),
        ({"updateRevision": "b", "currentRevision": "a", "updatedReplicas": 1}, {}, State.PROGRESSING),
        (
            {"updateRevision": "b", "currentRevision": "a", "updatedReplicas": 1},
            {"updateStrategy": {"rollingUpdate": {"partition": 1}}},
            State.READY,
        ),
        (
            {"updateRevision": "b", "currentRevision": "a", "updatedReplicas": 0},
            {"updateStrategy": {"type": "OnDelete"}},
            State.READY,
        ),
        ({"updateRevision": "b", "currentRevision": "b"}, {}, State.READY),
    ],
)
def test_a_stateful_set_is_ready_when_what_it_rolls_is_there(
    live: Live, status: dict[str, Any], spec: dict[str, Any], state: State
) -> None:
    assert health(live("apps/v1 StatefulSet", {**DONE, **status}, {"replicas": 2, **spec})).state is state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"updatedNumberScheduled": 2}, State.PROGRESSING),
        ({"updatedNumberScheduled": 3, "numberAvailable": 2}, State.PROGRESSING),
        ({"updatedNumberScheduled": 3, "numberAvailable": 3}, State.READY),
    ],
)
def test_a_daemon_set_is_ready_on_all_its_nodes(live: Live, status: dict[str, Any], state: State) -> None:
    whole = {"observedGeneration": 3, "desiredNumberScheduled": 3, **status}
    assert health(live("apps/v1 DaemonSet", whole)).state is state


def test_a_pod_names_the_container_that_does_not_start(live: Live) -> None:
    waiting = {"reason": "ImagePullBackOff", "message": "not found"}
    status = {"phase": "Pending", "containerStatuses": [{"name": "main", "state": {"waiting": waiting}}]}
    found = health(live("v1 Pod", status))
    assert (found.state, found.reason) == (State.FAILED, "container main: ImagePullBackOff: not found")


def test_a_pod_says_why_no_node_takes_it(live: Live) -> None:
    unschedulable = {"status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}
    found = health(live("v1 Pod", {"phase": "Pending"}, PodScheduled=unschedulable))
    assert (found.state, found.reason) == (State.PROGRESSING, "PodScheduled: 0/3 nodes are available")


@pytest.mark.parametrize(
    ("phase", "state"), [("Succeeded", State.READY), ("Failed", State.FAILED), ("Running", State.PROGRESSING)]
)
def test_a_pod_goes_by_its_phase(live: Live, phase: str, state: State) -> None:
    assert health(live("v1 Pod", {"phase": phase}, Ready="False")).state is state


def test_a_running_pod_is_ready_by_its_condition(live: Live) -> None:
    assert health(live("v1 Pod", {"phase": "Running"}, Ready="True")).state is State.READY
