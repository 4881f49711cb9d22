"""`mlgitops run` on a real API server, where the test does what Argo's controller does to a Workflow's status."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT_FILES
from tests.testbed.command import Command
from tests.testbed.control_plane import ControlPlane
from tests.testbed.scene import Scene
from tests.testbed.waiting import wait_until

PIPELINE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: iris-training
spec:
  parameters:
    - name: epochs
      value: "1"
    - name: data
  steps:
    - name: prepare
      image: docker.io/library/python:3.12-slim
      command: [python, -c, "print('{{parameters.data}}')"]
    - name: fit
      image: docker.io/library/python:3.12-slim
      dependsOn: [prepare]
      command: [python, -c, "print({{parameters.epochs}})"]
"""
TRAINING = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: iris-job
spec:
  training:
    image: docker.io/library/python:3.12-slim
"""
PIPELINE_PATH = "environments/dev/pipelines/iris-training.yaml"
ENVIRONMENT = "environments/dev/environment.yaml"
SECONDS = 60
STARTED, LATER, ENDED = "2026-01-01T00:00:00Z", "2026-01-01T00:00:08Z", "2026-01-01T00:02:03Z"


class Argo:
    """What Argo's controller writes: nodes by id, with names that begin with the Workflow's."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._collection = f"/apis/argoproj.io/v1alpha1/namespaces/{scene.namespace}/workflows"

    def runs(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._scene.plane.api.get(self._collection)["items"]
        return items

    def only(self) -> dict[str, Any]:
        wait_until(lambda: len(self.runs()) == 1, "a run", SECONDS)
        return self.runs()[0]

    def remove(self, name: str) -> None:
        """As once a run's time to live is over."""
        self._scene.plane.api.request("DELETE", f"{self._collection}/{name}")

    def report(self, phase: str, *nodes: dict[str, Any], **status: Any) -> None:
        """The Workflow has no subresource for its status: the controller updates the object itself."""
        name = self.only()["metadata"]["name"]
        written = {f"{name}-{index}": {"id": f"{name}-{index}", **node, "name": f"{name}{node['name']}"}
                   for index, node in enumerate(nodes)}  # fmt: skip
        body = {"status": {"phase": phase, "startedAt": STARTED, "nodes": written, **status}}
        self._scene.plane.api.request(
            "PATCH", f"{self._collection}/{name}", body, content_type="application/merge-patch+json"
        )


def node(name: str, phase: str, kind: str = "Pod", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "displayName": name.lstrip("."),
        "type": kind,
        "phase": phase,
        **{"startedAt": STARTED} | more,
    }


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    """The small project with a pipeline of two steps and one of training alone, committed but not applied."""
    made = Scene(control_plane, tmp_path / "shop", namespace)
    target = (made.root / "targets/here.yaml").read_text()
    components = PROJECT_FILES["targets/here.yaml"].partition("  components:\n")[2]
    target = target.replace(components, components + '    argoWorkflows: "3.7.1"\n    trainer: "2.1.0"\n')
    made.write(
        {
            "targets/here.yaml": target,
            PIPELINE_PATH: PIPELINE,
            "environments/dev/pipelines/iris-job.yaml": TRAINING,
        }
    )
    made.commit()
    return made


@pytest.fixture
def applied(scene: Scene) -> Scene:
    scene.applied()
    return scene


@pytest.fixture
def argo(applied: Scene) -> Argo:
    return Argo(applied)


@pytest.fixture
def running(applied: Scene) -> Iterator[Command]:
    """A run that is followed."""
    command = applied.start(
        "run", "iris-training", "--env", "dev", "--set", "data=s3", "-o", "text", "-o", "json=run.json"
    )
    yield command
    if command.poll() is None:
        command.send(signal.SIGKILL)


def test_a_run_is_started_from_the_template_that_is_there_and_says_by_whom(applied: Scene, argo: Argo) -> None:
    ran = applied.run("run", "iris-training", "--env", "dev", "--set", 'data=it\'s "x"', "--no-follow", "-o", "json")
    assert (ran.code, json.loads(ran.out)["run"]["phase"]) == (0, None), ran.said
    run = argo.only()
    name = run["metadata"]["name"]
    assert f"mlgitops run --follow {name} --env dev --target here" in ran.err
    assert run["spec"] == {
        "workflowTemplateRef": {"name": "iris-training"},
        "arguments": {"parameters": [{"name": "data", "value": 'it\'s "x"'}]},
    }
    assert run["metadata"]["annotations"] == {
        "mlgitops.dev/source-commit": head(applied),
        "mlgitops.dev/started-by": "Test <test@example.com>",
    }
    labels = run["metadata"]["labels"]
    assert (labels["mlgitops.dev/pipeline"], labels["mlgitops.dev/environment"]) == ("iris-training", "dev")
    assert [one["kind"] for one in run["metadata"]["ownerReferences"]] == ["WorkflowTemplate"]


def asked_for(scene: Scene, number: int, labels: str = "") -> None:
    """Git asks for that run of the pipeline, and the environment has these labels."""
    environment = (scene.root / ENVIRONMENT).read_text().partition("  labels:")[0]
    run = f"  run:\n    number: {number}\n    parameters: {{data: s3}}\n"
    scene.write({PIPELINE_PATH: PIPELINE + run, ENVIRONMENT: environment + labels})
    scene.commit()


def test_a_run_that_git_asks_for_starts_once_and_the_next_number_starts_again(applied: Scene, argo: Argo) -> None:
    asked_for(applied, 1)
    applied.applied()
    first = argo.only()["metadata"]["name"]
    assert first.startswith("iris-training-1-")
    argo.remove(first)
    asked_for(applied, 1, "  labels: {team: risk}\n")
    applied.applied()
    assert argo.runs() == []
    asked_for(applied, 2)
    applied.applied()
    assert argo.only()["metadata"]["name"].startswith("iris-training-2-")


def test_a_person_starts_a_run_whether_or_not_the_one_that_git_asks_for_is_there(applied: Scene, argo: Argo) -> None:
    asked_for(applied, 1)
    ran = applied.run("run", "iris-training", "--env", "dev", "--set", "data=s3", "--no-follow")
    assert ran.code == 0, ran.said
    assert not argo.only()["metadata"]["name"].startswith("iris-training-1-")


def test_a_run_is_no_drift_and_no_change(applied: Scene) -> None:
    assert applied.run("run", "iris-training", "--env", "dev", "--set", "data=s3", "--no-follow").code == 0
    assert applied.run("drift", "--env", "dev").code == 0
    assert applied.run("plan", "--env", "dev", "--detailed-exitcode").code == 0


def test_each_change_of_a_step_is_told_until_the_run_succeeded(applied: Scene, argo: Argo, running: Command) -> None:
    graph = node("", "Running", "DAG")
    argo.report("Running", graph, node(".prepare", "Running"))
    said = applied.root.with_name("shop-said")
    wait_until(lambda: "prepare " in read(said), "the first step", SECONDS)
    done = node(".prepare", "Succeeded", finishedAt=LATER)
    argo.report("Running", graph, done, node(".fit", "Pending", startedAt=LATER, message="ContainerCreating"))
    wait_until(lambda: "ContainerCreating" in read(said), "the second step", SECONDS)
    argo.report(
        "Succeeded",
        graph,
        done,
        node(".fit", "Succeeded", startedAt=LATER, finishedAt=ENDED, message=None),
        finishedAt=ENDED,
    )
    ran = running.ended()
    name = argo.only()["metadata"]["name"]
    assert (ran.code, ran.err) == (0, "")
    first, *lines = ran.out.splitlines()
    assert first == f"{name} at here, from commit {head(applied)[:12]}"
    assert [line.split() for line in lines if line] == [
        ["prepare", "Running"],
        ["prepare", "Succeeded", "after", "8s"],
        ["fit", "Pending:", "ContainerCreating"],
        ["fit", "Succeeded", "after", "1m55s"],
        [name, "Succeeded", "after", "2m3s"],
    ]
    written = json.loads((applied.root / "run.json").read_text())
    assert written["formatVersion"] == "1.0"
    assert written["run"]["seconds"] == 123
    assert [step["phase"] for step in written["run"]["steps"]] == ["Succeeded", "Succeeded"]


def head(scene: Scene) -> str:
    return scene._git("rev-parse", "HEAD")


def read(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_a_run_that_fails_exits_with_1_and_says_why(argo: Argo, running: Command) -> None:
    failed = node(".prepare", "Failed", message="Error (exit code 2)", finishedAt=LATER)
    argo.report("Failed", failed, node(".fit", "Omitted", "Skipped"), finishedAt=LATER, message="child failed")
    ran = running.ended()
    assert ran.code == 1
    assert "prepare                   Failed after 8s: Error (exit code 2)" in ran.out
    assert ran.out.rstrip().endswith("Failed after 8s: child failed")


def test_an_interrupt_stops_the_following_and_not_the_run(applied: Scene, argo: Argo, running: Command) -> None:
    name = argo.only()["metadata"]["name"]
    wait_until(lambda: name in read(applied.root.with_name("shop-said")), "the first line", SECONDS)
    running.send(signal.SIGINT)
    ran = running.ended()
    assert ran.code == 130
    assert f"The run goes on. Follow it with: mlgitops run --follow {name} --env dev --target here" in ran.err
    argo.report("Succeeded", node(".prepare", "Succeeded", finishedAt=LATER), finishedAt=ENDED)
    again = applied.run("run", "--follow", name, "--env", "dev", "--target", "here", "-o", "json")
    assert (again.code, json.loads(again.out)["run"]["pipeline"]) == (0, "iris-training")
    assert "prepare" in again.err


def test_one_that_is_not_over_in_time_goes_on(applied: Scene, argo: Argo) -> None:
    ran = applied.run("run", "iris-training", "--env", "dev", "--set", "data=s3", "--timeout", "1s")
    assert ran.code == 1
    assert "is not over yet: Argo has not taken it up" in ran.err
    assert "It goes on. Follow it with: mlgitops run --follow" in ran.err
    assert len(argo.runs()) == 1


def test_what_is_not_applied_or_not_as_git_says_is_not_run(scene: Scene) -> None:
    argo = Argo(scene)
    start = ("run", "iris-training", "--env", "dev", "--set", "data=s3", "--no-follow")
    ran = scene.run(*start)
    assert (ran.code, "WorkflowTemplate/iris-training is not there" in ran.err) == (1, True), ran.said
    assert "mlgitops apply --env dev --target here --model iris-training" in ran.err
    assert scene.run(*start, "--allow-drift").code == 1
    scene.applied()
    path = f"/apis/argoproj.io/v1alpha1/namespaces/{scene.namespace}/workflowtemplates/iris-training"
    scene.plane.api.request(
        "PATCH", path, {"spec": {"activeDeadlineSeconds": 5}}, content_type="application/merge-patch+json"
    )
    ran = scene.run(*start)
    assert (ran.code, "WorkflowTemplate/iris-training differs in spec.activeDeadlineSeconds" in ran.err) == (1, True)
    assert argo.runs() == []
    assert scene.run(*start, "--allow-drift").code == 0
    assert len(argo.runs()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("iris-training",), "parameter 'data' has no value"),
        (
            ("iris-training", "--set", "data=x", "--set", "epoch=2"),
            "there is no parameter 'epoch', did you mean 'epochs'?",
        ),
        (("iris-training", "--set", "data={{workflow.name}}"), "may not hold '{{'"),
        (("iris-trainin", "--set", "data=x"), "did you mean 'iris-training'?"),
        (("iris-job",), "iris-job has no steps: Git alone starts it, once for each change of it"),
        (("iris-training", "--set", "data=x", "--target", "there"), "it runs at: here"),
    ],
)
def test_what_is_asked_for_wrongly_starts_nothing(
    applied: Scene, argo: Argo, arguments: tuple[str, ...], said: str
) -> None:
    ran = applied.run("run", *arguments, "--env", "dev", "--no-follow")
    assert (ran.code, said in ran.err) == (1, True), ran.said
    assert argo.runs() == []
