"""Kubeflow Trainer itself takes a TrainJob as it is rendered, and JobSet runs it to its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.testbed.control_plane import ControlPlane
from tests.testbed.controllers.nodes import end_pods
from tests.testbed.waiting import wait_until

NAMESPACE = "models-dev"
ASKED = ("--env", "dev", "--target", "aws-dev")
TIMEOUT = "2m"
END_SECONDS = 60.0

Run = Callable[..., tuple[int, str, str]]


RUNTIME = "torch-distributed"
EXAMPLE = "environments/dev/pipelines/fashion-mnist-training.yaml"


@pytest.fixture
def runtime() -> str:
    """The name of the runtime that the example asks for."""
    return RUNTIME


@pytest.fixture
def train_job(run: Run, project: Path, runtime: str) -> dict[str, Any]:
    """The TrainJob of this repository's example, as it is rendered."""
    path = project / EXAMPLE
    path.write_text(path.read_text().replace(f"runtime: {RUNTIME}", f"runtime: {runtime}"))
    code, said, wrong = run("render", *ASKED, "-o", "json")
    assert code == 0, wrong
    (found,) = [one for one in orjson.loads(said)["items"] if one["kind"] == "TrainJob"]
    return dict(found)


@pytest.fixture
def selected(train_job: dict[str, Any]) -> tuple[str, ...]:
    """What selects the TrainJob alone."""
    return (*ASKED, "--select", f"TrainJob/{train_job['metadata']['name']}")


def conditions(cluster: ControlPlane, manifest: dict[str, Any]) -> dict[str, str]:
    """The conditions of a live object that are True, with what they say."""
    found = cluster.api.read(manifest).get("status", {}).get("conditions", [])
    return {one["type"]: one["message"] for one in found if one["status"] == "True"}


def ended(cluster: ControlPlane, train_job: dict[str, Any], outcome: str, condition: str) -> None:
    """Has the run's pods end, those that come later too, and waits until Trainer says so."""
    selector = f"jobset.sigs.k8s.io/jobset-name={train_job['metadata']['name']}"

    def over() -> bool:
        end_pods(cluster.api, NAMESPACE, selector, outcome)
        return condition in conditions(cluster, train_job)

    wait_until(over, f"the TrainJob to be {condition}", END_SECONDS)


def test_a_run_is_started_and_a_second_plan_says_no_changes_before_and_after_its_end(
    cluster: ControlPlane, run: Run, train_job: dict[str, Any], selected: tuple[str, ...]
) -> None:
    code, said, wrong = run("apply", *selected, "--yes", "--timeout", TIMEOUT, "--no-progress")
    assert code == 0, said + wrong
    place = {"name": train_job["metadata"]["name"], "namespace": NAMESPACE}
    job_set = cluster.api.read({"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet", "metadata": place})
    assert job_set["metadata"]["ownerReferences"][0]["kind"] == "TrainJob"
    for _ in range(2):
        code, said, _ = run("plan", *selected, "--detailed-exitcode")
        assert (code, "No changes." in said) == (0, True), said
        assert run("drift", *selected)[0] == 0
        ended(cluster, train_job, "succeeds", "Complete")


@pytest.mark.parametrize("runtime", ["torch-once"])
def test_a_run_that_fails_is_told_of_with_trainer_s_own_words(
    cluster: ControlPlane, run: Run, train_job: dict[str, Any], selected: tuple[str, ...]
) -> None:
    add_runtime_without_retries(cluster, "torch-once")
    assert run("apply", *selected, "--yes", "--timeout", TIMEOUT, "--no-progress")[0] == 0
    ended(cluster, train_job, "fails", "Failed")
    _, said, _ = run("status", *ASKED)
    assert "jobset failed" in said, said


def add_runtime_without_retries(cluster: ControlPlane, name: str) -> None:
    """Trainer's own runtime for PyTorch under another name, whose pods are not tried again."""
    known = {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "ClusterTrainingRuntime"}
    spec = cluster.api.read({**known, "metadata": {"name": RUNTIME}})["spec"]
    spec["template"]["spec"]["replicatedJobs"][0]["template"]["spec"]["backoffLimit"] = 0
    cluster.api.create({**known, "metadata": {"name": name}, "spec": spec})


@pytest.mark.parametrize("runtime", ["torch-distribted"])
def test_a_run_of_a_runtime_that_the_cluster_has_not_is_refused_while_it_is_planned(
    cluster: ControlPlane, run: Run, selected: tuple[str, ...]
) -> None:
    code, said, wrong = run("plan", *selected)
    assert (code, "denied the request" in said) == (0, True), said + wrong
