from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.compile import argo
from mlgitops.compile.argo_step import LONGEST_SOURCE, escaped


@pytest.fixture
def compile(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """What becomes of one template; the accelerator classes are given by name of the resource."""

    def of(template: dict[str, Any], classes: dict[str, str] | None = None) -> Any:
        spec = {"entrypoint": "main", "templates": [{"name": "main", **template}]}
        data = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "flow"}, "spec": spec}
        return compiled(argo.pipeline, data, classes or {})

    return of


def container(**more: Any) -> dict[str, Any]:
    return {"container": {"image": "alpine:3", **more}}


def script(**more: Any) -> dict[str, Any]:
    return {"script": {"image": "python:3.12", "command": ["python"], "source": "print(1)", **more}}


@pytest.mark.parametrize(
    ("command", "args", "expected"),
    [
        (["python"], [], ["python", "-c"]),
        (["/usr/bin/python3.12", "-u"], [], ["/usr/bin/python3.12", "-u", "-c"]),
        (["bash"], ["-eu"], ["bash", "-eu", "-c"]),
        (["node"], [], ["node", "-e"]),
    ],
)
def test_a_script_is_an_argument_of_its_interpreter(
    compile: Any, command: list[str], args: list[str], expected: list[str]
) -> None:
    made = compile(script(command=command, args=args, source="line 1\nline 2"))
    assert made.findings == []
    assert (made.steps["main"]["command"], made.steps["main"]["args"]) == (expected, ["line 1\nline 2"])


@pytest.mark.parametrize("command", [["./run"], ["python", "main.py"], []])
def test_a_script_of_an_unknown_interpreter_is_refused(compile: Any, command: list[str]) -> None:
    assert compile(script(command=command)).errors[0][0] == "spec.templates.0.script.command"


def test_a_script_that_is_longer_than_an_argument_may_be_is_refused(compile: Any) -> None:
    assert compile(script(source="x" * LONGEST_SOURCE)).errors == []
    assert "longer than an argument may be" in compile(script(source="x" * (LONGEST_SOURCE + 1))).errors[0][1]


@pytest.mark.parametrize(
    ("source", "argument"),
    [("echo $$", "echo $$$"), ("echo $(date)", "echo $$(date)"), ("echo $HOME $", "echo $HOME $"), ("$$$", "$$$$$")],
)
def test_what_kubernetes_reads_in_arguments_is_escaped_in_a_source(source: str, argument: str) -> None:
    assert escaped(source) == argument
    assert expand(argument) == source


def expand(text: str) -> str:
    """As Kubernetes expands arguments where no variable is known."""
    made, position = "", 0
    while position < len(text):
        two = text[position : position + 2]
        made += "$" if two == "$$" else text[position]
        position += 2 if two == "$$" else 1
    return made


def test_environment_outputs_attempts_and_time_are_taken_over(compile: Any) -> None:
    secret = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}}
    made = compile({
        **container(env=[{"name": "MODE", "value": "fast"}, secret]),
        "outputs": {"parameters": [{"name": "n_rows", "valueFrom": {"path": "/tmp/rows"}}]},
        "retryStrategy": {"limit": "3", "retryPolicy": "Always"},
        "activeDeadlineSeconds": 300,
    })  # fmt: skip
    assert made.codes == ["compile-renamed"]
    assert made.steps["main"] == {
        "name": "main",
        "image": "alpine:3",
        "env": [{"name": "MODE", "value": "fast"}, {"name": "TOKEN", "fromSecret": {"secret": "hub", "key": "token"}}],
        "outputs": [{"name": "n-rows", "path": "/tmp/rows"}],
        "retries": 3,
        "timeout": "5m",
    }


def test_resources_are_taken_over_and_an_accelerator_by_the_class_that_is_meant(compile: Any) -> None:
    asked = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"cpu": 2, "memory": "1Gi", "nvidia.com/gpu": 1}}
    made = compile(container(resources=asked), {"nvidia.com/gpu": "t4"})
    assert made.findings == []
    assert made.steps["main"]["resources"] == {
        "cpu": "500m", "cpuLimit": "2", "memory": "1Gi", "accelerator": {"class": "t4", "count": 1}
    }  # fmt: skip
    assert "asks for nvidia.com/gpu" in compile(container(resources=asked)).errors[0][1]


def test_memory_that_may_grow_is_reserved_in_full_and_told(compile: Any) -> None:
    made = compile(container(resources={"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}))
    assert (made.steps["main"]["resources"], made.codes) == ({"memory": "2Gi"}, ["compile-differs"])


@pytest.mark.parametrize(
    ("template", "pointer"),
    [
        (container(volumeMounts=[{"name": "v", "mountPath": "/v"}]), "container.volumeMounts"),
        (container(envFrom=[{"secretRef": {"name": "s"}}]), "container.envFrom"),
        (container(workingDir="/work"), "container.workingDir"),
        (container(env=[{"name": "A", "valueFrom": {"fieldRef": {}, "configMapKeyRef": {"name": "c"}}}]),
         "container.env.0.valueFrom.configMapKeyRef"),
        ({**container(), "nodeSelector": {"a": "b"}}, "nodeSelector"),
        ({**container(), "sidecars": [{"name": "s"}]}, "sidecars"),
        ({**container(), "outputs": {"artifacts": [{"name": "a", "path": "/a"}]}}, "outputs.artifacts"),
        ({**container(), "retryStrategy": {}}, "retryStrategy.limit"),
        ({**container(), "retryStrategy": {"limit": 2, "retryPolicy": "OnError"}}, "retryStrategy.retryPolicy"),
        ({**container(), "activeDeadlineSeconds": "{{inputs.parameters.t}}"}, "activeDeadlineSeconds"),
        ({"resource": {"action": "create"}}, "resource"),
    ],
)  # fmt: skip
def test_what_a_step_has_no_word_for_is_refused_at_its_place(compile: Any, template: Any, pointer: str) -> None:
    assert f"spec.templates.0.{pointer}" in [where for where, _ in compile(template).errors]
