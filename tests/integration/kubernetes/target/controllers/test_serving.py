"""KServe itself takes what is rendered, serves it, and changes nothing that a plan would then show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.testbed.control_plane import ControlPlane

ROOT = Path(__file__).resolve().parents[5]
STANDARD = ("aws", "azure", "edge-factory")
TARGETS = [(environment, f"{place}-{environment}") for environment in ("dev", "prod") for place in STANDARD]
TIMEOUT = "2m"

Run = Callable[..., tuple[int, str, str]]


def online(run: Run, environment: str, target: str) -> dict[str, str]:
    """The InferenceServices of a target by name, with the model that each is of."""
    code, said, wrong = run("render", "--env", environment, "--target", target, "-o", "json")
    assert code == 0, wrong
    services = [one["metadata"] for one in orjson.loads(said)["items"] if one["kind"] == "InferenceService"]
    return {one["name"]: one["labels"]["mlgitops.dev/model"] for one in services}


def services(cluster: ControlPlane) -> dict[str, str]:
    """Whether each InferenceService is Ready by KServe's word."""
    return {
        one["metadata"]["name"]: condition["status"]
        for one in cluster.api.get("/apis/serving.kserve.io/v1beta1/inferenceservices")["items"]
        for condition in one["status"]["conditions"]
        if condition["type"] == "Ready"
    }


@pytest.mark.parametrize(("environment", "target"), TARGETS)
def test_models_become_ready_and_a_second_plan_says_no_changes(
    cluster: ControlPlane, run: Run, environment: str, target: str
) -> None:
    models = online(run, environment, target)
    selected = (part for name in sorted(set(models.values())) for part in ("--model", name))
    asked = ("--env", environment, "--target", target, *selected)
    code, said, wrong = run("apply", *asked, "--yes", "--timeout", TIMEOUT, "--no-progress")
    assert code == 0, said + wrong
    assert services(cluster) == dict.fromkeys(models, "True")
    code, said, _ = run("plan", *asked, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said
    assert run("drift", *asked)[0] == 0


def test_a_transformer_a_batcher_and_a_logger_run_beside_the_model(
    cluster: ControlPlane, run: Run, project: Path
) -> None:
    path = project / "environments/dev/models/iris-sklearn.yaml"
    parts = {
        "protocol": "v1",
        "transformer": {"image": "registry.example.com/names:1", "max": 2},
        "batcher": {"maxBatchSize": 16, "maxLatency": "20ms"},
        "logger": {"mode": "request", "url": "http://sink.example.com"},
    }
    path.write_text(path.read_text().rstrip() + "\n" + "".join(f"    {k}: {json.dumps(v)}\n" for k, v in parts.items()))
    asked = ("--env", "dev", "--target", "edge-factory-dev", "--model", "iris-sklearn")
    code, said, wrong = run("apply", *asked, "--yes", "--timeout", TIMEOUT, "--no-progress")
    assert code == 0, said + wrong
    pods = cluster.api.get("/api/v1/namespaces/models-dev/pods")["items"]
    containers = {one["metadata"]["labels"]["component"]: names(one["spec"]["containers"]) for one in pods}
    assert containers == {"predictor": {"kserve-container", "agent"}, "transformer": {"kserve-container"}}
    code, said, _ = run("plan", *asked, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said


def names(containers: list[dict[str, str]]) -> set[str]:
    """The names of a pod's containers."""
    return {container["name"] for container in containers}


def test_a_new_release_is_rolled_out_and_waited_for(cluster: ControlPlane, run: Run, project: Path) -> None:
    asked = ("--env", "dev", "--target", "aws-dev", "--model", "iris-sklearn")
    assert run("apply", *asked, "--yes", "--timeout", TIMEOUT, "--no-progress")[0] == 0
    path = project / "environments/dev/models/iris-sklearn.yaml"
    path.write_text(path.read_text().replace('"1.0"', '"1.1"').replace("/1.0/", "/1.1/"))
    code, said, wrong = run("apply", *asked, "--yes", "--timeout", TIMEOUT, "--no-progress")
    assert code == 0, said + wrong
    (pod,) = [
        one
        for one in cluster.api.get("/api/v1/namespaces/models-dev/pods")["items"]
        if "deletionTimestamp" not in one["metadata"]
    ]
    assert "/1.1/" in json.dumps(pod["spec"]["initContainers"])
    code, said, _ = run("plan", *asked, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said


@pytest.mark.parametrize(("environment", "target"), [("dev", "gcp-dev"), ("prod", "gcp-prod")])
def test_what_is_for_knative_is_admitted(cluster: ControlPlane, run: Run, environment: str, target: str) -> None:
    code, said, wrong = run("plan", "--env", environment, "--target", target, "-o", "json")
    assert code == 0, wrong
    changes = orjson.loads(said)["targets"][0]["changes"]
    found = {change["object"]["kind"]: change["refused"] for change in changes}
    assert found["InferenceService"] == ""
    assert {kind: refused for kind, refused in found.items() if refused} == {}


def test_another_deployment_mode_is_refused_while_it_is_planned(cluster: ControlPlane, run: Run, project: Path) -> None:
    asked = ("--env", "dev", "--target", "edge-factory-dev", "--model", "iris-sklearn")
    assert run("apply", *asked, "--yes", "--timeout", TIMEOUT, "--no-progress")[0] == 0
    (project / "environments/dev/models/iris-edge.yaml").unlink()
    path = project / "targets/edge-factory-dev.yaml"
    text = path.read_text().replace("deploymentMode: Standard", "deploymentMode: Knative")
    path.write_text(text.replace("  components:\n", '  components:\n    knative: "1.18.1"\n'))
    code, said, wrong = run("plan", *asked)
    assert (code, "deploymentMode cannot be changed" in said) == (0, True), said + wrong
