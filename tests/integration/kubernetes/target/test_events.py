"""What is told of an object that is not ready: the API's Events about it, its pods and its ReplicaSets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import identity
from mlgitops.targets.kubernetes import events

Say = Callable[..., None]


@pytest.fixture
def say(target: Any) -> Say:
    """``say("Pod", "iris-0", "Pulled")`` makes an Event; a later one is later."""
    said: list[str] = []

    def make(kind: str, name: str, reason: str) -> None:
        said.append(reason)
        number = len(said)
        target.plane.api.create(
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": f"{name}.{number:04}", "namespace": target.namespace},
                "involvedObject": {"kind": kind, "name": name, "namespace": target.namespace},
                "type": "Warning",
                "reason": reason,
                "message": f"{kind} {name}",
                "lastTimestamp": f"2026-01-01T00:00:{number:02}Z",
            }
        )

    return make


def told(target: Any, name: str = "iris", kind: str = "InferenceService") -> list[str]:
    """The reasons, newest first."""
    made = target.service(name) if kind == "InferenceService" else target.make(name, kind, "apps/v1")
    return [event.reason for event in target.connect().events(identity(made))]


def test_the_service_its_pods_and_its_replica_sets_are_told_of_and_nobody_else(target: Any, say: Say) -> None:
    say("InferenceService", "iris", "InternalError")
    say("ReplicaSet", "iris-predictor-6d4f8b7c9d", "FailedCreate")
    say("Pod", "iris-predictor-6d4f8b7c9d-x2x4z", "BackOff")
    say("Pod", "iris-large-predictor-6d4f8b7c9d-x2x4z", "TheirPod")
    say("ReplicaSet", "iris-large-predictor-6d4f8b7c9d", "TheirReplicaSet")
    say("InferenceService", "iris-large", "Theirs")
    say("Job", "iris-predictor-6d4f8b7c9d", "AJob")
    assert told(target) == ["BackOff", "FailedCreate", "InternalError"]


def test_a_deployment_is_told_from_one_whose_name_goes_on(target: Any, say: Say) -> None:
    say("Pod", "web-6d4f8b7c9d-x2x4z", "Ours")
    say("ReplicaSet", "web-6d4f8b7c9d", "OurReplicaSet")
    say("Pod", "web-large-6d4f8b7c9d-x2x4z", "Theirs")
    say("ReplicaSet", "web-large-6d4f8b7c9d", "TheirReplicaSet")
    assert told(target, "web", "Deployment") == ["OurReplicaSet", "Ours"]


def test_a_name_that_goes_on_like_a_pod_is_told_apart_by_the_inventory(target: Any, say: Say) -> None:
    target.apply(target.service("iris"), target.service("iris-predictor"))
    say("Pod", "iris-predictor-predictor-6d4f8b7c9d-x2x4z", "Theirs")
    say("Pod", "iris-predictor-6d4f8b7c9d-x2x4z", "Ours")
    connection = target.connect()
    connection.inventory()
    found = connection.events(identity(target.service("iris")))
    assert [event.reason for event in found] == ["Ours"]


def test_more_than_a_page_is_read_and_not_without_end(target: Any, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_PAGE", 2)
    for number in range(5):
        say("Pod", f"another-predictor-{number}", "Theirs")
    say("Pod", "iris-predictor-6d4f8b7c9d-x2x4z", "BackOff")
    assert told(target) == ["BackOff"]
    monkeypatch.setattr(events, "_PAGES", 2)
    with target.plane.audit.recording() as recorded:
        assert told(target) == []
    assert sum(event.resource == "events" for event in recorded.events) == 2 + 2
