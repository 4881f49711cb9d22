from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.health import State, health
from mlgitops.plan.health.runs import End, end_of, is_run

TIME = "2026-01-01T00:00:00Z"
TRAIN = "trainer.kubeflow.org/v1alpha1 TrainJob"
JOB = "batch/v1 Job"
PYTORCH = "kubeflow.org/v1 PyTorchJob"
WORKFLOW = "argoproj.io/v1alpha1 Workflow"

Live = Callable[..., Manifest]
FAILED = {"status": "True", "reason": "JobsFailed", "message": "jobset failed"}


@pytest.mark.parametrize(
    ("kind", "status", "conditions", "state", "reason"),
    [
        (TRAIN, {}, {}, State.PROGRESSING, "it has not started yet"),
        (
            TRAIN,
            {"jobsStatus": [{"name": "node", "active": 2, "ready": 0}]},
            {},
            State.READY,
            "it is running, 2 active",
        ),
        (TRAIN, {}, {"Complete": "True"}, State.READY, "it completed"),
        (TRAIN, {}, {"Failed": FAILED, "Suspended": "False"}, State.FAILED, "Failed: jobset failed"),
        (TRAIN, {}, {"Suspended": "True"}, State.SUSPENDED, "Suspended is True"),
        (
            TRAIN,
            {},
            {"Created": {"status": "False", "reason": "JobsBuildFailed", "message": "no such runtime"}},
            State.PROGRESSING,
            "Created: no such runtime",
        ),
        (JOB, {"active": 1, "startTime": TIME}, {}, State.READY, "it is running, 1 active"),
        (JOB, {"succeeded": 1}, {"Complete": "True", "SuccessCriteriaMet": "True"}, State.READY, "it completed"),
        (
            JOB,
            {},
            {"Failed": {"status": "True", "reason": "BackoffLimitExceeded"}},
            State.FAILED,
            "BackoffLimitExceeded",
        ),
        (JOB, {}, {"Suspended": {"status": "True", "message": "Job suspended"}}, State.SUSPENDED, "Job suspended"),
        (PYTORCH, {}, {"Created": "True", "Running": "True"}, State.READY, "it is running"),
        (PYTORCH, {}, {"Created": "True", "Running": "False", "Succeeded": "True"}, State.READY, "it completed"),
        (PYTORCH, {}, {"Created": "True", "Restarting": "True", "Running": "False"}, State.PROGRESSING, "Restarting"),
        (WORKFLOW, {}, {}, State.PROGRESSING, "it has not started yet"),
        (WORKFLOW, {"phase": "Pending", "message": "waiting for a lock"}, {}, State.PROGRESSING, "waiting for a lock"),
        (WORKFLOW, {"phase": "Running", "progress": "1/3"}, {}, State.READY, "it is running, 1/3 done"),
        (WORKFLOW, {"phase": "Succeeded", "finishedAt": TIME}, {}, State.READY, "it completed"),
        (WORKFLOW, {"phase": "Error", "message": "no such template"}, {}, State.FAILED, "Error: no such template"),
    ],
)
def test_a_run_is_ready_once_it_has_started(
    live: Live, kind: str, status: dict[str, Any], conditions: dict[str, Any], state: State, reason: str
) -> None:
    found = health(live(kind, status, **conditions))
    assert found.state is state
    assert reason in found.reason
    assert found.certain


def test_a_suspended_workflow_is_suspended_until_it_has_ended(live: Live) -> None:
    assert health(live(WORKFLOW, {"phase": "Running"}, {"suspend": True})).state is State.SUSPENDED
    assert health(live(WORKFLOW, {"phase": "Failed"}, {"suspend": True})).state is State.FAILED


@pytest.mark.parametrize(
    ("kind", "status", "conditions", "end"),
    [
        (TRAIN, {}, {"Complete": "True"}, End.SUCCEEDED),
        (TRAIN, {}, {"Failed": "True"}, End.FAILED),
        (TRAIN, {}, {"Complete": "False", "Suspended": "True"}, None),
        (PYTORCH, {}, {"Succeeded": "True"}, End.SUCCEEDED),
        ("jobset.x-k8s.io/v1alpha2 JobSet", {}, {"Completed": "True"}, End.SUCCEEDED),
        (WORKFLOW, {"phase": "Succeeded"}, {}, End.SUCCEEDED),
        (WORKFLOW, {"phase": "Error"}, {}, End.FAILED),
        (WORKFLOW, {"phase": "Running"}, {"Completed": "False"}, None),
    ],
)
def test_how_a_run_ended(
    live: Live, kind: str, status: dict[str, Any], conditions: dict[str, Any], end: End | None
) -> None:
    assert end_of(live(kind, status, **conditions)) is end


def test_what_runs_again_and_again_is_no_run(live: Live) -> None:
    assert is_run(identity(live(TRAIN)))
    assert not is_run(identity(live("argoproj.io/v1alpha1 CronWorkflow")))
