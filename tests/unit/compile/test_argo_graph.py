from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.compile import argo

SAY = {
    "name": "say",
    "inputs": {"parameters": [{"name": "what"}, {"name": "how", "default": "loud"}]},
    "outputs": {"parameters": [{"name": "said", "valueFrom": {"path": "/tmp/said"}}]},
    "container": {"image": "alpine:3", "args": ["{{inputs.parameters.what}} {{inputs.parameters.how}}"]},
}


def call(name: str, template: str = "say", **more: Any) -> dict[str, Any]:
    values = {"what": more.pop("what")} if "what" in more else {}
    parameters = [{"name": key, "value": value} for key, value in values.items()]
    return {
        "name": name,
        "template": template,
        **({"arguments": {"parameters": parameters}} if parameters else {}),
        **more,
    }


def flow(main: dict[str, Any], *templates: dict[str, Any]) -> dict[str, Any]:
    arguments = {"parameters": [{"name": "word", "value": "hello"}]}
    spec = {"entrypoint": "main", "arguments": arguments, "templates": [{"name": "main", **main}, *templates, SAY]}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "flow"}, "spec": spec}


@pytest.fixture
def compile(compiled: Callable[..., Any]) -> Callable[..., Any]:
    return lambda data: compiled(argo.pipeline, data, {})


def dag(*tasks: dict[str, Any]) -> dict[str, Any]:
    return {"dag": {"tasks": list(tasks)}}


@pytest.mark.parametrize(
    "needed",
    [
        {"depends": "a && b"},
        {"depends": "a.Succeeded && (b)"},
        {"dependencies": ["a", "b"]},
    ],
)
def test_a_task_waits_for_those_it_depends_on(compile: Any, needed: dict[str, Any]) -> None:
    made = compile(flow(dag(call("c", what="x", **needed), call("a", what="x"), call("b", what="x"))))
    assert (made.needs, made.findings) == ({"a": [], "b": [], "c": ["a", "b"]}, [])


def test_each_group_of_steps_waits_for_the_one_before(compile: Any) -> None:
    groups = [[call("a", what="x")], [call("b", what="x"), call("c", what="x")], [call("d", what="x")]]
    assert compile(flow({"steps": groups})).needs == {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


@pytest.mark.parametrize("depends", ["a || b", "a.Failed", "!a", "a.Succeeded && b.Skipped"])
def test_more_than_success_of_others_is_refused(compile: Any, depends: str) -> None:
    made = compile(flow(dag(call("a", what="x"), call("b", what="x"), call("c", what="x", depends=depends))))
    assert made.errors[0][0] == "spec.templates.0.dag.tasks.2.depends"


def test_arguments_parameters_and_outputs_take_the_place_of_inputs(compile: Any) -> None:
    made = compile(flow(dag(
        call("first", what="{{workflow.parameters.word}}!"),
        call("second", what="{{tasks.first.outputs.parameters.said}}", depends="first"),
    )))  # fmt: skip
    assert made.steps["first"]["args"] == ["{{parameters.word}}! loud"]
    assert made.steps["second"]["args"] == ["{{steps.first.said}} loud"]
    assert made.findings == []


def test_a_graph_within_a_graph_is_drawn_out(compile: Any) -> None:
    inner = {
        "name": "inner",
        "inputs": {"parameters": [{"name": "what"}]},
        "outputs": {"parameters": [
            {"name": "last", "valueFrom": {"parameter": "{{tasks.two.outputs.parameters.said}}"}}
        ]},
        **dag(call("one", what="{{inputs.parameters.what}}"), call("two", what="y", depends="one")),
    }  # fmt: skip
    made = compile(flow(dag(
        call("before", what="x"),
        call("part", "inner", what="deep", depends="before"),
        call("after", what="{{tasks.part.outputs.parameters.last}}", depends="part"),
    ), inner))  # fmt: skip
    assert made.findings == []
    assert made.needs == {"before": [], "part-one": ["before"], "part-two": ["part-one"], "after": ["part-two"]}
    assert made.steps["part-one"]["args"] == ["deep loud"]
    assert made.steps["after"]["args"] == ["{{steps.part-two.said}} loud"]


def test_tags_that_an_argument_brings_are_not_read_again(compile: Any) -> None:
    made = compile(flow(dag(call("a", what="{{workflow.name}}"))))
    assert [message for _, message in made.errors] == ["'{{workflow.name}}' has no place in a Pipeline"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"when": "x == y"}, "when"),
        ({"withItems": [1, 2]}, "withItems"),
        ({"continueOn": {"failed": True}}, "continueOn"),
        ({"onExit": "say"}, "onExit"),
        ({"inline": {"container": {"image": "a"}}}, "inline"),
    ],
)
def test_what_makes_a_task_more_than_one_run_of_a_step_is_refused(compile: Any, more: Any, field: str) -> None:
    made = compile(flow(dag(call("a", what="x", **more))))
    assert made.errors == [(f"spec.templates.0.dag.tasks.0.{field}", f"a Pipeline has no word for {field} of a")]


def test_tasks_that_wait_for_each_other_are_refused(compile: Any) -> None:
    made = compile(flow(dag(call("a", what="x", depends="b"), call("b", what="x", depends="a"))))
    assert "wait for each other, or for what is not there: a, b" in made.errors[0][1]


def test_a_template_that_calls_itself_is_refused(compile: Any) -> None:
    made = compile(flow(dag(call("again", "main"))))
    assert "calls itself" in made.errors[0][1]


def test_a_template_that_is_not_there_is_refused(compile: Any) -> None:
    made = compile(flow(dag(call("a", "nowhere"))))
    assert made.errors == [("spec.templates.0.dag.tasks.0.template", "there is no template 'nowhere'")]


def test_what_a_step_prints_is_not_handed_on(compile: Any) -> None:
    made = compile(flow(dag(call("a", what="x"), call("b", what="{{tasks.a.outputs.result}}", depends="a"))))
    assert made.findings[0].help.startswith("what a step prints is not handed on")
