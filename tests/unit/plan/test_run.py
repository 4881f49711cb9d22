from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from mlgitops.plan.run import OFFLOADED, RunState, StepState, changes, state_of

START, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:01:05Z"


def node(name: str, phase: str, kind: str = "Pod", started: str = START, **more: Any) -> dict[str, Any]:
    return {"name": f"run-1{name}", "type": kind, "phase": phase, "startedAt": started, **more}


def workflow(*nodes: dict[str, Any], **status: Any) -> dict[str, Any]:
    found = {str(number): one for number, one in enumerate(nodes)}
    return {"kind": "Workflow", "metadata": {"name": "run-1"}, "status": {"nodes": found, **status}}


def test_steps_are_in_the_order_of_their_start_and_graphs_are_left_out() -> None:
    state = state_of(workflow(
        node("", "Running", "DAG"),
        node(".fit", "Running", started=LATER, message="PodInitializing"),
        node(".fetch", "Succeeded", "Retry"),
        node(".fetch(0)", "Failed", finishedAt=LATER, message="exit code 1"),
        node(".train", "Running", "Steps"),
        node(".train[0]", "Running", "StepGroup"),
        node(".train[0].start", "Succeeded", started=LATER, finishedAt=LATER),
        phase="Running", startedAt=START,
    ))  # fmt: skip
    assert state.steps == (
        StepState("fetch(0)", "Failed", "exit code 1", 65),
        StepState("fit", "Running", "PodInitializing"),
        StepState("train.start", "Succeeded", "", 0),
    )
    assert (state.phase, state.is_over, state.seconds) == ("Running", False, None)


def test_a_run_of_one_step_has_the_name_of_the_run() -> None:
    assert [step.name for step in state_of(workflow(node("", "Running"))).steps] == ["run-1"]


def test_a_run_that_nobody_took_up_has_no_phase() -> None:
    assert state_of({"metadata": {"name": "run-1"}}) == RunState("run-1")


def test_nodes_that_are_compressed_are_read() -> None:
    nodes = json.dumps({"a": node(".fit", "Running")}).encode()
    packed = base64.b64encode(gzip.compress(nodes)).decode()
    assert [s.name for s in state_of(workflow(nodes=None, compressedNodes=packed)).steps] == ["fit"]


@pytest.mark.parametrize(
    "packed", ["%%%", "aGVsbG8=", base64.b64encode(gzip.compress(b"[1]", mtime=0)).decode(), "H4sIAAAA"]
)
def test_nodes_that_are_damaged_are_none(packed: str) -> None:
    assert state_of(workflow(compressedNodes=packed)).steps == ()


def test_nodes_that_are_kept_elsewhere_are_said_to_be() -> None:
    assert state_of(workflow(offloadNodeStatusVersion="fnv:1")).message == OFFLOADED


@pytest.mark.parametrize(
    ("phase", "over", "good"),
    [("Succeeded", True, True), ("Failed", True, False), ("Error", True, False), ("Pending", False, False)],
)
def test_a_run_is_over_once_it_succeeded_or_failed(phase: str, over: bool, good: bool) -> None:
    state = state_of(workflow(phase=phase, startedAt=START, finishedAt=LATER))
    assert (state.is_over, state.succeeded, state.seconds) == (over, good, 65)


def test_only_what_is_new_about_a_step_is_a_change() -> None:
    one, two = StepState("one", "Running"), StepState("two", "Pending")
    before = RunState("run-1", steps=(one, two))
    after = RunState("run-1", steps=(one, StepState("two", "Running"), StepState("three", "Pending")))
    assert [step.name for step in changes(before, after)] == ["two", "three"]
    assert list(changes(after, after)) == []
