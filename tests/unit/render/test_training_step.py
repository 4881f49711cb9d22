"""The step ``train`` with a job of Training Operator v1; that with a TrainJob is in test_pipeline.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import pipeline

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"example.com/step@{DIGEST}"
SPEC: dict[str, Any] = {
    "steps": [{"name": "prepare", "image": IMAGE, "outputs": [{"name": "rows", "path": "/tmp/rows"}]}],
    "training": {"image": IMAGE, "args": ["--rows={{steps.prepare.rows}}"], "nodes": 2},
    "queue": "team-risk",
    "priority": "urgent",
}
OPERATOR: dict[str, Any] = {"components": {"trainer": None, "trainingOperator": "1.9.3"}}


@pytest.fixture
def manifests(resolved_pipeline: Any) -> list[Manifest]:
    """Those of a pipeline whose training is a PyTorchJob."""
    return in_order(pipeline.render(resolved_pipeline(target=OPERATOR, **SPEC)))


def _named(manifests: list[Manifest], kind: str, ending: str = "") -> Manifest:
    return next(m for m in manifests if m["kind"] == kind and m["metadata"]["name"].endswith(ending))


@pytest.fixture
def template(manifests: list[Manifest]) -> Callable[[str], dict[str, Any]]:
    """A template of the workflow by its name."""
    templates = {one["name"]: one for one in _named(manifests, "WorkflowTemplate")["spec"]["templates"]}
    return templates.__getitem__


def test_a_pipeline_with_a_job_of_training_operator_as_it_was_reviewed(
    manifests: list[Manifest], golden: Callable[[str, str], None], manifests_text: Any
) -> None:
    golden("render/pipeline-training-v1.yaml", manifests_text(manifests))


def test_the_job_belongs_to_the_run_and_to_its_queue(template: Any) -> None:
    start = template("train-start")["resource"]
    job = json.loads(start["manifest"])

    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", "PyTorchJob")
    assert start["setOwnerReference"] is True
    assert job["metadata"]["labels"]["mlgitops.dev/run"] == "{{workflow.uid}}"
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-risk"
    assert job["metadata"]["labels"]["kueue.x-k8s.io/priority-class"] == "urgent"
    assert "ttlSecondsAfterFinished" not in job["spec"]["runPolicy"]


def test_pods_of_the_steps_wait_with_the_same_priority(manifests: list[Manifest]) -> None:
    labels = _named(manifests, "WorkflowTemplate")["spec"]["podMetadata"]["labels"]

    assert (labels["kueue.x-k8s.io/queue-name"], labels["kueue.x-k8s.io/priority-class"]) == ("team-risk", "urgent")


def test_every_end_is_waited_for_and_only_success_passes(template: Any) -> None:
    """A failed job and one past its deadline have completionTime as well."""
    wait, failed = template("train-wait"), template("train-failed")
    (last,) = template("train")["steps"][-1]

    assert wait["resource"]["successCondition"] == "status.completionTime"
    assert wait["outputs"]["parameters"][0]["valueFrom"]["jsonPath"] == (
        '{.status.conditions[?(@.type=="Succeeded")].status}'
    )
    assert last["template"] == "train-failed"
    assert last["when"] == "'{{steps.wait.outputs.parameters.succeeded}}' != 'True'"
    assert failed["resource"]["failureCondition"] == wait["resource"]["successCondition"]
    assert json.loads(failed["resource"]["manifest"]) == json.loads(wait["resource"]["manifest"])


def test_a_run_that_is_stopped_stops_its_job(template: Any) -> None:
    assert template("train-stop-job")["resource"]["flags"][0] == "pytorchjobs.kubeflow.org"


def test_the_launcher_may_do_no_more_than_that(manifests: list[Manifest]) -> None:
    rules = _named(manifests, "Role", "-launcher")["rules"]

    assert {(group, resource) for rule in rules for group in rule["apiGroups"] for resource in rule["resources"]} == {
        ("argoproj.io", "workflowtaskresults"),
        ("kubeflow.org", "pytorchjobs"),
    }
