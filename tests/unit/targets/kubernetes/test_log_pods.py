"""Whose pods they are, and which of their containers have said anything."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.targets.kubernetes.log_pods import selectors, states, streams
from mlgitops.targets.logs import Stream

ENDED = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": "2026-01-01T00:00:00Z"}}


def manifest(kind: str, name: str = "iris", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "any/v1", "kind": kind, "metadata": {"name": name, "namespace": "ml"}, "spec": spec}


def pod(*statuses: dict[str, Any], **labels: str) -> dict[str, Any]:
    metadata = {"name": "iris-0", "namespace": "ml", "labels": labels}
    return {"metadata": metadata, "status": {"containerStatuses": list(statuses)}}


def test_objects_of_one_kind_are_asked_for_at_once_and_those_without_pods_never() -> None:
    manifests = [
        manifest("InferenceService"), manifest("InferenceService", "iris-new"), manifest("Role"),
        manifest("Deployment"), manifest("Deployment", selector={"matchLabels": {"b": "2", "a": "1"}}),
        manifest("TrainJob", "fit-1"),
        manifest("LLMInferenceService"),
    ]  # fmt: skip
    assert list(selectors(manifests)) == [
        ("ml", "a=1,b=2"),
        ("ml", "app.kubernetes.io/part-of=llminferenceservice,app.kubernetes.io/name in (iris)"),
        ("ml", "jobset.sigs.k8s.io/jobset-name in (fit-1)"),
        ("ml", "serving.kserve.io/inferenceservice in (iris,iris-new)"),
    ]


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ({"state": {"waiting": {"reason": "ImagePullBackOff"}}}, []),
        ({}, []),
        ({"state": {"running": {}}}, [(0, False, False)]),
        ({"state": ENDED}, [(0, False, True)]),
        ({"state": {"running": {}}, "lastState": ENDED, "restartCount": 2}, [(1, True, True), (2, False, False)]),
        (
            {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ENDED, "restartCount": 2},
            [(2, False, False)],
        ),
    ],
)
def test_a_container_is_read_from_its_start_and_before_it(status: dict[str, Any], read: list[Any]) -> None:
    found = [(stream.restart, before, over) for stream, before, over in streams(pod({"name": "main", **status}))]
    assert found == read


def test_a_run_is_known_by_its_pods() -> None:
    labels = {"workflows.argoproj.io/workflow": "fit-x7"}
    ((stream, _, _),) = streams(pod({"name": "main", "state": {"running": {}}}, **labels))
    assert stream == Stream("ml", "iris-0", "main", 0, "fit-x7")


def test_why_a_pod_is_not_running_is_told() -> None:
    unplaced = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no GPU is free"}
    one = pod(
        {"name": "main", "state": {"waiting": {"reason": "ContainerCreating"}}},
        {
            "name": "agent",
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m"}},
            "lastState": ENDED,
        },
        {"name": "init", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}},
    )
    one["status"]["conditions"] = [unplaced, {"type": "Ready", "status": "False"}]
    assert [(it.type, it.reason, it.message) for it in states(one)] == [
        ("Warning", "Unschedulable", "no GPU is free"),
        ("Warning", "CrashLoopBackOff", "container agent waits: back-off 5m"),
        ("Warning", "Error", "container agent ended with exit code 1"),
        ("Normal", "Completed", "container init ended with exit code 0"),
    ]
