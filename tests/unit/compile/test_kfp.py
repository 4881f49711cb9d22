from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.compile import kfp

FETCH = {
    "image": "alpine:3",
    "command": ["sh", "-c", "fetch"],
    "args": ["{{$.inputs.parameters['url']}}", "{{$.inputs.parameters[\"rows\"]}}",
             "{{$.outputs.parameters['Row_Count'].output_file}}"],
}  # fmt: skip
SHOW = {"image": "alpine:3", "args": ["{{$.inputs.parameters['what']}}"]}
SOURCE = "def train(rate: float, tags: list, name: str, loss: 'OutputPath'):\n    pass\n"
TRAIN = {
    "image": "python:3.12",
    "command": ["sh", "-ec", "pip install kfp; run", SOURCE],
    "args": ["--executor_input", "{{$}}", "--function_to_execute", "train"],
}


def component(label: str, inputs: dict[str, Any], outputs: tuple[str, ...] = ()) -> dict[str, Any]:
    ends = {name: {"parameterType": "NUMBER_INTEGER"} for name in outputs}
    return {
        "executorLabel": label,
        "inputDefinitions": {"parameters": inputs},
        **({"outputDefinitions": {"parameters": ends}} if ends else {}),
    }


def kind(name: str, **more: Any) -> dict[str, Any]:
    return {"parameterType": name, **more}


def task(of: str, after: tuple[str, ...] = (), /, **inputs: Any) -> dict[str, Any]:
    return {
        "componentRef": {"name": f"comp-{of}"},
        "taskInfo": {"name": of},
        **({"dependentTasks": list(after)} if after else {}),
        "inputs": {"parameters": inputs},
    }


def constant(value: Any) -> dict[str, Any]:
    return {"runtimeValue": {"constant": value}}


def outer(name: str) -> dict[str, Any]:
    return {"componentInputParameter": name}


def output(of: str, key: str) -> dict[str, Any]:
    return {"taskOutputParameter": {"producerTask": of, "outputParameterKey": key}}


def pipeline(tasks: dict[str, Any], inputs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    text = kind("STRING")
    components = {
        "comp-fetch": component("exec-fetch", {"url": text, "rows": kind("NUMBER_INTEGER", defaultValue=5.0)},
                                ("Row_Count",)),
        "comp-show": component("exec-show", {"what": text}),
        "comp-train": component("exec-train", {"rate": kind("NUMBER_DOUBLE"), "tags": kind("LIST", defaultValue=["a"]),
                                               "name": text}, ("loss",)),
    }  # fmt: skip
    executors = {
        "exec-fetch": {"container": FETCH},
        "exec-show": {"container": SHOW},
        "exec-train": {"container": TRAIN},
    }
    return {
        "components": {**components, **more.pop("components", {})},
        "deploymentSpec": {"executors": {**executors, **more.pop("executors", {})}},
        "pipelineInfo": {"name": "iris-training", "description": "Trains"},
        "root": {"dag": {"tasks": tasks}, "inputDefinitions": {"parameters": inputs or {}}},
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.3",
        **more,
    }


@pytest.fixture
def compile(compiled: Callable[..., Any]) -> Callable[..., Any]:
    return lambda data, **classes: compiled(kfp.pipeline, data, classes)


def test_tasks_become_steps_that_wait_for_what_they_use(compile: Any) -> None:
    made = compile(pipeline(
        {
            "show": task("show", what=output("fetch", "Row_Count")),
            "last": {**task("show", ("show",), what=constant("done"))},
            "fetch": task("fetch", url=outer("url")),
        },
        {"url": kind("STRING", defaultValue="https://example.com"), "unused": kind("BOOLEAN", isOptional=True)},
    ))  # fmt: skip
    assert made.codes == ["compile-renamed"]
    assert made.needs == {"fetch": [], "show": ["fetch"], "last": ["show"]}
    assert made.steps["fetch"] == {
        "name": "fetch",
        "image": "alpine:3",
        "command": ["sh", "-c", "fetch"],
        "args": ["{{parameters.url}}", "5", "/tmp/output-row-count"],
        "outputs": [{"name": "row-count", "path": "/tmp/output-row-count"}],
    }
    assert made.steps["show"]["args"] == ["{{steps.fetch.row-count}}"]
    assert made.steps["last"]["args"] == ["done"]
    document = made.draft.document("iris-training")
    assert document["metadata"] == {"name": "iris-training", "description": "Trains"}
    assert document["spec"]["parameters"] == [
        {"name": "url", "value": "https://example.com"},
        {"name": "unused", "type": "bool", "value": ""},
    ]


def test_numbers_and_truth_keep_their_types_as_parameters(compile: Any) -> None:
    inputs = {"a": kind("NUMBER_INTEGER", defaultValue=3.0), "b": kind("NUMBER_DOUBLE", defaultValue=1e-05),
              "c": kind("BOOLEAN", defaultValue=False), "d": kind("LIST", defaultValue=[1.0, "x"])}  # fmt: skip
    made = compile(pipeline({"show": task("show", what=constant(2.0))}, inputs))
    assert made.draft.parameters == [
        {"name": "a", "type": "int", "value": 3},
        {"name": "b", "type": "float", "value": 1e-05},
        {"name": "c", "type": "bool", "value": False},
        {"name": "d", "value": '[1.0, "x"]'},
    ]
    assert made.steps["show"]["args"] == ["2"]


def test_a_function_gets_all_its_inputs_and_outputs_as_json(compile: Any) -> None:
    given = {"rate": outer("rate"), "name": outer("title")}
    made = compile(
        pipeline({"train": task("train", **given)}, {"rate": kind("NUMBER_DOUBLE"), "title": kind("STRING")})
    )
    step = made.steps["train"]
    text = step["args"][1].replace("{{parameters.rate}}", "0.5").replace("{{parameters.title}}", "iris")
    assert json.loads(text) == {
        "inputs": {"parameterValues": {"rate": 0.5, "tags": ["a"], "name": "iris"}},
        "outputs": {"parameters": {"loss": {"outputFile": "/tmp/output-loss"}}, "outputFile": "/tmp/kfp/output.json"},
    }
    assert step["env"] == [{"name": "HOME", "value": "/tmp"}]
    assert [f.code for f in made.findings] == ["compile-differs", "compile-differs"]
    assert any("train is given name within JSON" in f.message for f in made.findings)


def test_what_a_function_returns_is_refused(compile: Any) -> None:
    returning = {**TRAIN, "command": ["sh", "-c", "run", "def train(rate, tags, name):\n    return 1\n"]}
    made = compile(pipeline({"train": task("train", rate=constant(1), name=constant("x"))},
                            executors={"exec-train": {"container": returning}}))  # fmt: skip
    assert [message for _, message in made.errors] == ["train returns 'loss', which only KFP's own launcher can read"]


def test_a_pipeline_within_a_pipeline_is_drawn_out(compile: Any) -> None:
    inner = {
        "inputDefinitions": {"parameters": {"where": kind("STRING")}},
        "dag": {
            "tasks": {"fetch": task("fetch", url=outer("where"))},
            "outputs": {"parameters": {"rows": {"valueFromParameter": {
                "producerSubtask": "fetch", "outputParameterKey": "Row_Count"}}}},
        },
    }  # fmt: skip
    made = compile(pipeline(
        {"inner": task("inner", where=constant("here")),
         "show": task("show", ("inner",), what=output("inner", "rows"))},
        components={"comp-inner": inner},
    ))  # fmt: skip
    assert made.needs == {"inner-fetch": [], "show": ["inner-fetch"]}
    assert made.steps["show"]["args"] == ["{{steps.inner-fetch.row-count}}"]
    assert made.errors == []


def test_texts_that_are_joined_or_depend_on_an_input_are_worked_out(compile: Any) -> None:
    joined = json.dumps({"Concat": ["--x=", "{{$.inputs.parameters['what']}}"]})
    given = json.dumps({"IfPresent": {"InputName": "what", "Then": ["--given"], "Else": "--not"}})
    missing = json.dumps({"IfPresent": {"InputName": "other", "Then": ["--given"]}})
    container = {**SHOW, "args": [joined, given, missing]}
    made = compile(
        pipeline({"show": task("show", what=constant("y"))}, executors={"exec-show": {"container": container}})
    )
    assert (made.steps["show"]["args"], made.errors) == (["--x=y", "--given"], [])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"cpuRequest": 0.5, "memoryLimit": 2.0}, {"cpu": "0.5", "memory": "2G"}),
        ({"resourceCpuLimit": "2", "resourceMemoryRequest": "1Gi"}, {"cpu": "2", "memory": "1Gi"}),
        ({"accelerator": {"type": "nvidia.com/gpu", "count": "2"}}, {"accelerator": {"class": "t4", "count": 2}}),
    ],
)
def test_resources_are_taken_over_from_either_form(compile: Any, asked: Any, expected: Any) -> None:
    data = pipeline({"show": task("show", what=constant("y"))},
                    executors={"exec-show": {"container": {**SHOW, "resources": asked}}})  # fmt: skip
    made = compile(data, **{"nvidia.com/gpu": "t4"})
    assert (made.steps["show"]["resources"], made.findings) == (expected, [])


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"triggerPolicy": {"condition": "x == 1"}}, "root.dag.tasks.show.triggerPolicy"),
        ({"parameterIterator": {"itemInput": "x"}}, "root.dag.tasks.show.parameterIterator"),
        ({"inputs": {"artifacts": {"data": {}}, "parameters": {"what": constant("y")}}},
         "root.dag.tasks.show.inputs.artifacts"),
        ({"retryPolicy": {"maxRetryCount": 11}}, "root.dag.tasks.show.retryPolicy"),
        ({"componentRef": {"name": "comp-none"}}, "root.dag.tasks.show.componentRef"),
        ({"inputs": {"parameters": {"what": outer("nothing")}}}, "root.dag.tasks.show.inputs.parameters.what"),
    ],
)  # fmt: skip
def test_what_a_step_cannot_be_is_refused_at_its_place(compile: Any, more: Any, pointer: str) -> None:
    made = compile(pipeline({"show": {**task("show", what=constant("y")), **more}}))
    assert made.errors[0][0] == pointer
    assert made.findings[0].location.line > 1


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"schemaVersion": "1.0"}, "schemaVersion"),
        ({"platforms": {"kubernetes": {"deploymentSpec": {}}}}, "platforms"),
        (
            {"executors": {"exec-show": {"importer": {"artifactUri": {}}}}},
            "deploymentSpec.executors.exec-show.importer",
        ),
    ],
)
def test_what_a_pipeline_cannot_be_is_refused_at_its_place(compile: Any, more: Any, pointer: str) -> None:
    made = compile(pipeline({"show": task("show", what=constant("y"))}, **more))
    assert pointer in [where for where, _ in made.errors]


def test_that_results_are_not_taken_over_from_earlier_runs_is_told_once(compile: Any) -> None:
    cached = {"cachingOptions": {"enableCache": True}}
    made = compile(pipeline({name: {**task("show", what=constant("y")), **cached} for name in ("one", "two")}))
    assert made.codes == ["compile-differs"]


def test_a_job_that_wraps_a_pipeline_is_unwrapped(compile: Any) -> None:
    data = {"displayName": "x", "pipelineSpec": pipeline({"show": task("show", what=constant("y"))})}
    assert kfp.is_kfp(data)
    assert list(compile(data).steps) == ["show"]
