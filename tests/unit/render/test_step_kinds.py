"""Steps that are no plain container: builds, applications of Spark, results that are taken over, and a run's end."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import pipeline
from mlgitops.render.build_step import PROGRAM
from mlgitops.render.spark_step import application

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"example.com/step@{DIGEST}"
TOKEN = {"secret": "git", "key": "token"}
BUILD: dict[str, Any] = {
    "name": "package",
    "image": f"docker.io/moby/buildkit:v0.25.1-rootless@{DIGEST}",
    "resources": {"cpu": "1", "memory": "4Gi"},
    "cache": {"maxAge": "30d"},
    "build": {
        "repository": "https://git.example.com/team/code.git",
        "revision": "{{parameters.revision}}",
        "path": "training",
        "destination": "registry.example.com/team/training:{{parameters.revision}}",
        "args": {"PYTHON": "3.13", "ROWS": "{{steps.count.rows}}"},
        "registryLogin": {"secret": "registry", "key": ".dockerconfigjson"},
        "gitToken": TOKEN,
    },
}
SPARK: dict[str, Any] = {
    "name": "prepare",
    "image": f"docker.io/library/spark:4.0.1@{DIGEST}",
    "args": ["--day={{parameters.revision}}"],
    "env": [{"name": "KEY", "fromSecret": TOKEN}, {"name": "ROWS", "value": "{{steps.count.rows}}"}],
    "resources": {"cpu": "500m", "cpuLimit": "2", "memory": "2Gi"},
    "retries": 2,
    "timeout": "1h",
    "spark": {
        "mainApplicationFile": "local:///opt/job.py",
        "version": "4.0.1",
        "executors": 3,
        "executorResources": {"cpu": "1500m", "memory": "7Gi", "accelerator": {"class": "t4", "count": 1}},
        "conf": {"spark.sql.shuffle.partitions": "64"},
    },
}
COUNT: dict[str, Any] = {
    "name": "count", "image": IMAGE, "outputs": [{"name": "rows", "path": "/tmp/rows"}], "cache": {},
}  # fmt: skip
SPEC: dict[str, Any] = {
    "identity": "model-reader",
    "mlgitopsImage": f"registry.example.com/mlgitops@{DIGEST}",
    "parameters": [{"name": "revision", "value": "main"}],
    "steps": [COUNT, BUILD, SPARK],
    "training": {"image": "{{steps.package.image}}", "dependsOn": ["prepare"]},
    "evaluation": {
        "image": "{{steps.package.image}}",
        "command": ["evaluate"],
        "dependsOn": ["train"],
        "metrics": "/tmp/measured.json",
        "bounds": [{"metric": "accuracy", "min": 0.9, "max": 1}, {"metric": "loss", "max": 0.25}],
        "dataDigest": "{{steps.count.rows}}",
        "timeout": "30m",
    },
    "registration": {
        "repository": "https://git.example.com/team/models.git",
        "path": "ml",
        "credentials": {"secret": "git", "key": "credentials"},
        "version": "2.{{steps.count.rows}}",
        "artifact": "s3://models/fraud/{{steps.count.rows}}",
        "image": "{{steps.package.image}}",
        "framework": "pytorch=2.7",
        "reference": "s3://models/fraud/{{steps.count.rows}}.csv",
    },
}
TARGET = {"components": {"sparkOperator": "2.3.0"}}


def _template(manifests: list[Manifest], name: str) -> dict[str, Any]:
    (workflow,) = [m for m in manifests if m["kind"] == "WorkflowTemplate"]
    return next(template for template in workflow["spec"]["templates"] if template["name"] == name)


@pytest.fixture
def rendered(resolved_pipeline: Any) -> list[Manifest]:
    """The manifests of a pipeline with every kind of step."""
    return pipeline.render(resolved_pipeline(target=TARGET, **SPEC))


@pytest.mark.parametrize("cloud", ["aws", "onprem"])
def test_every_kind_of_step_as_it_was_reviewed(
    resolved_pipeline: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str
) -> None:
    manifests = pipeline.render(resolved_pipeline(target={**TARGET, "cloud": cloud}, **SPEC))
    golden(f"render/pipeline-steps-{cloud}.yaml", manifests_text(in_order(manifests)))


def test_nothing_is_privileged_and_every_part_has_an_account_of_its_own(rendered: list[Manifest]) -> None:
    assert "privileged" not in json.dumps(rendered)
    accounts = {
        name: _template(rendered, name)["serviceAccountName"]
        for name in ("step-package", "step-prepare", "train-start", "register")
    }
    assert accounts == {
        "step-package": "fraud-training-pipeline-build",
        "step-prepare": "fraud-training-pipeline-spark-launcher",
        "train-start": "fraud-training-pipeline-launcher",
        "register": "fraud-training-pipeline-registration",
    }
    annotated = [m["metadata"]["name"] for m in rendered if m["kind"] == "ServiceAccount" and "role-arn" in str(m)]
    assert annotated == ["fraud-training-pipeline", "fraud-training-pipeline-spark"]


def test_what_a_run_started_is_stopped_with_it(rendered: list[Manifest]) -> None:
    (workflow,) = [m for m in rendered if m["kind"] == "WorkflowTemplate"]
    assert workflow["spec"]["onExit"] == "stop"
    (side_by_side,) = _template(rendered, "stop")["steps"]
    assert [step["template"] for step in side_by_side] == ["train-stop", "spark-stop"]


def test_a_build_alone_has_nothing_to_stop(resolved_pipeline: Any) -> None:
    (workflow,) = [
        m for m in pipeline.render(resolved_pipeline(**{**SPEC, "steps": [COUNT, BUILD], "training": None}))
        if m["kind"] == "WorkflowTemplate"
    ]  # fmt: skip
    assert "onExit" not in workflow["spec"]


def test_a_build_gets_what_users_write_as_arguments_alone(rendered: list[Manifest]) -> None:
    container = _template(rendered, "step-package")["container"]
    assert container["command"] == ["sh", "-euc", PROGRAM, "build"]
    assert container["args"][0] == "registry.example.com/team/training:{{workflow.parameters.revision}}"
    context = "context=https://git.example.com/team/code.git#{{workflow.parameters.revision}}:training"
    assert context in container["args"]
    assert "build-arg:ROWS={{inputs.parameters.count_rows}}" in container["args"]


def _build(tmp_path: Path, metadata: str, destination: str = "registry.example.com/a:1") -> Any:
    """Runs the program in a real shell, with a BuildKit that writes this metadata and leaves its arguments."""
    buildctl = tmp_path / "buildctl-daemonless.sh"
    buildctl.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" > "$ROOT/given"\n'
        'while [ $# -gt 1 ]; do [ "$1" = --metadata-file ] && cp "$ROOT/metadata" "$2"; shift; done\n'
    )
    buildctl.chmod(0o755)
    (tmp_path / "metadata").write_text(metadata)
    program = PROGRAM.replace("/tmp/", f"{tmp_path}/")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ROOT": str(tmp_path)}
    command = ["sh", "-euc", program, "build", destination, "--opt", "filename=$(touch /nowhere) '"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("indent", [None, 2])
def test_the_digest_that_was_pushed_is_the_output(tmp_path: Path, indent: int | None) -> None:
    other = "sha256:" + "f" * 64
    metadata = {"containerimage.config.digest": other, "containerimage.digest": DIGEST, "image.name": "a"}
    done = _build(tmp_path, json.dumps(metadata, indent=indent))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "digest").read_text() == DIGEST
    assert (tmp_path / "image").read_text() == f"registry.example.com/a:1@{DIGEST}"
    given = (tmp_path / "given").read_text().splitlines()
    assert given[:3] == ["build", "--opt", "filename=$(touch /nowhere) '"]
    assert "type=image,name=registry.example.com/a:1,push=true" in given


@pytest.mark.parametrize(
    ("metadata", "destination", "told"),
    [("{}", "a/b:1", "BuildKit names no digest"), ("{}", "a/b:1,push=false", "this is no image")],
)
def test_a_build_without_a_digest_or_to_no_image_fails(
    tmp_path: Path, metadata: str, destination: str, told: str
) -> None:
    done = _build(tmp_path, metadata, destination)
    assert done.returncode != 0
    assert told in done.stderr
    assert not (tmp_path / "image").exists()


def test_sparks_memory_and_what_is_beside_it_are_what_was_asked_for(resolved_pipeline: Any) -> None:
    resolved = resolved_pipeline(target=TARGET, **SPEC)
    step = next(step for step in resolved.spec.steps if step.spark)
    spec = application(resolved, step, step.spark)["spec"]
    assert (spec["driver"]["memory"], spec["driver"]["memoryOverhead"]) == ("1462m", "586m")
    assert (spec["driver"]["cores"], spec["driver"]["coreRequest"], spec["driver"]["coreLimit"]) == (1, "500m", "2")
    assert (spec["executor"]["cores"], spec["executor"]["instances"]) == (2, 3)
    assert spec["executor"]["gpu"] == {"name": "nvidia.com/gpu", "quantity": 1}
    assert spec["executor"]["nodeSelector"] == {"pool": "t4"}
    assert spec["restartPolicy"]["onFailureRetries"] == 2


def test_an_application_is_waited_for_by_a_field_that_argos_selectors_can_reach(rendered: list[Manifest]) -> None:
    template = _template(rendered, "step-prepare")
    resource = template["resource"]
    assert (resource["action"], resource["setOwnerReference"]) == ("create", True)
    assert resource["successCondition"] == "status.applicationState.state == COMPLETED"
    assert resource["failureCondition"] == "status.applicationState.state == FAILED"
    assert "retryStrategy" not in template
    manifest = json.loads(resource["manifest"])
    assert manifest["spec"]["driver"]["env"][1]["value"] == "{{=toJson(inputs.parameters['count_rows'])[1:-1]}}"
    assert len(manifest["metadata"]["generateName"]) + 5 + len("-driver") <= 63


def _key(resolved_pipeline: Any, **changes: Any) -> str:
    steps = [COUNT, {**BUILD, **changes}]
    manifests = pipeline.render(resolved_pipeline(**{**SPEC, "steps": steps, "training": None}))
    key: str = _template(manifests, "step-package")["memoize"]["key"]
    return key


def test_the_key_of_a_cache_is_of_all_that_is_declared_and_of_nothing_else(resolved_pipeline: Any) -> None:
    key = _key(resolved_pipeline)
    own, _, values = key.partition("-{{=")
    assert values == ("sprig.sha256sum(toJson([inputs.parameters['count_rows'], workflow.parameters['revision']]))}}")
    assert own.replace("-", "").isalnum()
    assert key == _key(resolved_pipeline, retries=3, timeout="1h", resources={"memory": "8Gi"})
    assert key == _key(resolved_pipeline, cache={"maxAge": "1h"})
    for changed in ({"image": IMAGE}, {"cache": {"name": "2"}}, {"build": {**BUILD["build"], "path": "other"}}):
        assert key != _key(resolved_pipeline, **changed)


def test_a_cache_is_argos_with_an_age_in_seconds(rendered: list[Manifest]) -> None:
    assert _template(rendered, "step-package")["memoize"]["maxAge"] == f"{30 * 86400}s"
    assert "memoize" not in _template(rendered, "evaluate")


@pytest.mark.parametrize(("version", "key"), [("3.5.0", {"key": "unused"}), ("4.1.2", {})])
def test_a_cache_names_its_config_map_as_each_version_of_argo_asks(
    resolved_pipeline: Any, version: str, key: dict[str, str]
) -> None:
    target = {"components": {**TARGET["components"], "argoWorkflows": version}}
    memoize = _template(pipeline.render(resolved_pipeline(target=target, **SPEC)), "step-count")["memoize"]
    assert memoize["cache"] == {"configMap": {"name": "fraud-training-pipeline-cache", **key}}


def test_what_comes_last_waits_for_all_that_comes_before(rendered: list[Manifest]) -> None:
    tasks = {task["name"]: task for task in _template(rendered, "main")["dag"]["tasks"]}
    assert tasks["train"]["depends"] == "package && prepare"
    assert tasks["evaluate"]["depends"] == "count && package && train"
    assert tasks["evidence"]["depends"] == "count && evaluate"
    assert tasks["register"]["depends"] == "count && evaluate && evidence && package && prepare && train"


def test_training_runs_the_image_that_was_built(rendered: list[Manifest]) -> None:
    job = json.loads(_template(rendered, "train-start")["resource"]["manifest"])
    assert job["spec"]["trainer"]["image"] == "{{=toJson(inputs.parameters['package_image'])[1:-1]}}"


def test_the_commands_of_the_end_of_a_run(rendered: list[Manifest]) -> None:
    evidence = _template(rendered, "evidence")["container"]
    assert [*evidence["command"], *evidence["args"]] == [
        "mlgitops", "evidence", "begin", "fraud-detector", "--version=2.{{inputs.parameters.count_rows}}",
        "--from=/etc/mlgitops/metrics.json", "--at-least=accuracy=0.9", "--at-most=accuracy=1.0", "--at-most=loss=0.25",
        "--data-digest={{inputs.parameters.count_rows}}", "--to=/tmp/evidence.json",
    ]  # fmt: skip
    register = _template(rendered, "register")["container"]
    assert [*register["command"], *register["args"]] == [
        "mlgitops", "release", "fraud-detector", "--env=dev", "--version=2.{{inputs.parameters.count_rows}}",
        "--artifact=s3://models/fraud/{{inputs.parameters.count_rows}}", "--framework=pytorch=2.7",
        "--image={{inputs.parameters.package_image}}",
        "--reference=s3://models/fraud/{{inputs.parameters.count_rows}}.csv",
        "--training-run=dev-models/{{workflow.name}}", "--evidence-from=/etc/mlgitops/evidence.json",
        "--root=/work/repository/ml", "--no-cache",
    ]  # fmt: skip
