from __future__ import annotations

import json
from typing import Any

import pytest

from mlgitops.check import pipeline

TEMPLATE: dict[str, Any] = {
    "apiVersion": "mlgitops.dev/v1alpha1",
    "kind": "Pipeline",
    "metadata": {"name": "fetch"},
    "spec": {
        "parameters": [
            {"name": "text", "value": ""},
            {"name": "rows", "type": "int", "value": 1},
            {"name": "rate", "type": "float", "value": 0.5},
            {"name": "fast", "type": "bool", "value": False},
            {"name": "mode", "enum": ["a", "b"], "value": "a"},
        ],
        "steps": [{"name": "fetch", "image": "example.com/f:1", "args": ["{{parameters.text}}"]}],
    },
}
HEAD = {"apiVersion": "mlgitops.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "train"}}
TARGET = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata: {name: here}
spec:
  cloud: onprem
  connection: {directory: {path: clusters/here}}
  components: {kserve: "0.16.0", argoWorkflows: "3.7.1"}
"""


@pytest.fixture
def found(read: Any) -> Any:
    """The findings about a pipeline whose step gives values to the template's parameters."""

    def findings(
        given: dict[str, Any], parameters: Any = (), template: dict[str, Any] = TEMPLATE, **step: Any
    ) -> list[tuple[str, str, str]]:
        counted = {"name": "count", "image": "example.com/c:1", "outputs": [{"name": "rows", "path": "/tmp/rows"}]}
        steps = [counted, {"name": "get", "uses": "fetch@1.0", "with": given, **step}]
        whole = {**HEAD, "spec": {"parameters": list(parameters), "steps": steps}}
        files = {"targets/here.yaml": TARGET, "steps/fetch/1.0.yaml": json.dumps(template)}
        made = read({**files, "environments/dev/pipelines/train.yaml": json.dumps(whole)})
        assert made.codes() == []
        (resolved,) = made.resolution.pipelines
        found = (f for f in pipeline.check(resolved) if f.code != "image-not-pinned")
        return [(f.code, f.pointer, f.message) for f in found]

    return findings


GOOD = [
    {"text": "x", "rows": 3, "rate": 2, "fast": True, "mode": "b"},
    {"text": "{{parameters.n}}-{{steps.count.rows}}", "rows": "{{steps.count.rows}}", "rate": "{{parameters.n}}"},
    {"rows": "{{parameters.n}}", "text": "{{parameters.n}}"},
    {},
]


@pytest.mark.parametrize("given", GOOD)
def test_values_of_the_right_types_are_fine(found: Any, given: dict[str, Any]) -> None:
    assert found(given, [{"name": "n", "type": "int", "value": 1}]) == []


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ({"rows": "3"}, "parameter-type", "parameter 'rows' is a whole number, not \"3\""),
        ({"rows": 3.5}, "parameter-type", "parameter 'rows' is a whole number, not 3.5"),
        ({"rate": "x"}, "parameter-type", "parameter 'rate' is a number, not \"x\""),
        ({"fast": 1}, "parameter-type", "parameter 'fast' is true or false, not 1"),
        ({"text": 1.5}, "parameter-type", "parameter 'text' is a text, not 1.5"),
        ({"text": True}, "parameter-type", "parameter 'text' is a text, not true"),
        ({"mode": "c"}, "parameter-choice", "parameter 'mode' cannot be c"),
        ({"rows": "1{{parameters.n}}"}, "parameter-type",
         "parameter 'rows' is a whole number, not \"1{{parameters.n}}\""),
        (
            {"rows": "{{parameters.s}}"}, "parameter-type",
            "parameter 'rows' is a whole number, but the pipeline's parameter 's' is a text",
        ),
        ({"mode": "{{parameters.s}}"}, "parameter-choice",
         "the pipeline's parameter 's' may have values that 'mode' may not"),
        ({"nonsense": 1}, "unknown-parameter", "there is no parameter 'nonsense' in fetch@1.0"),
        ({"text": "{{parameters.who}}"}, "unknown-parameter", "there is no parameter 'who'"),
        ({"text": "{{nonsense}}"}, "unknown-placeholder", "'{{nonsense}}' is no placeholder"),
        ({"text": "{{steps.count.nothing}}"}, "unknown-output", "there is no output 'nothing' in step count"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_found_where_it_is_given(
    found: Any, given: dict[str, Any], code: str, message: str
) -> None:
    parameters = [{"name": "n", "type": "int", "value": 1}, {"name": "s", "value": "a"}]
    (name,) = given
    assert found(given, parameters) == [(code, f"spec.steps.1.with.{name}", message)]


def test_a_value_s_brace_and_a_template_s_make_no_tag_together(found: Any) -> None:
    step = {**TEMPLATE["spec"]["steps"][0], "args": ["{{parameters.text}}{workflow.name}}"]}
    template = {**TEMPLATE, "spec": {**TEMPLATE["spec"], "steps": [step]}}
    assert found({"text": "x"}, template=template) == []
    ((code, pointer, _),) = found({"text": "{"}, template=template)
    assert (code, pointer) == ("unknown-placeholder", "spec.steps.1.uses")


def test_a_parameter_of_the_pipeline_with_some_of_the_choices_is_fine(found: Any) -> None:
    assert found({"mode": "{{parameters.s}}"}, [{"name": "s", "enum": ["a"], "value": "a"}]) == []


def test_a_parameter_without_a_value_of_its_own_must_be_given_one(found: Any) -> None:
    spec = {**TEMPLATE["spec"], "parameters": [{"name": "text"}]}
    template = {**TEMPLATE, "spec": spec}
    message = "fetch@1.0 needs the parameter 'text'"
    assert found({}, template=template) == [("missing-parameter", "spec.steps.1.uses", message)]
    assert found({"text": ""}, template=template) == []


def test_values_are_for_a_template(resolved_pipeline: Any) -> None:
    steps = [{"name": "a", "image": "example.com/a@sha256:" + "0" * 64, "with": {"rows": 1}}]
    (finding,) = pipeline.check(resolved_pipeline(steps=steps))
    assert (finding.code, finding.pointer) == ("with-without-uses", "spec.steps.0.with")


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"value": "x"}, []),
        ({"type": "int", "value": 1, "enum": [1, 2]}, []),
        ({"value": 1}, [("parameter-type", "spec.parameters.0.value")]),
        ({"type": "int", "value": "1"}, [("parameter-type", "spec.parameters.0.value")]),
        ({"type": "bool", "value": True, "enum": [True, "no"]}, [("parameter-type", "spec.parameters.0.enum.1")]),
        ({"enum": ["a", "b"], "value": "c"}, [("parameter-choice", "spec.parameters.0.value")]),
        ({"enum": ["{{a}}"]}, [("unknown-placeholder", "spec.parameters.0.enum.0")]),
    ],
)
def test_a_pipeline_s_own_parameters_have_types_too(
    resolved_pipeline: Any, parameter: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    findings = pipeline.check(resolved_pipeline(parameters=[{"name": "a", **parameter}]))
    assert [(f.code, f.pointer) for f in findings] == expected


@pytest.fixture
def asked(read: Any) -> Any:
    """The findings about a pipeline whose run has these values."""

    def findings(given: dict[str, Any]) -> list[tuple[str, str]]:
        declared = [{"name": "rows", "type": "int"}, {"name": "mode", "enum": ["a", "b"], "value": "a"}]
        steps = [{"name": "count", "image": "example.com/c:1"}]
        spec = {"parameters": declared, "steps": steps, "run": {"number": 1, "parameters": given}}
        made = read(
            {"targets/here.yaml": TARGET, "environments/dev/pipelines/train.yaml": json.dumps({**HEAD, "spec": spec})}
        )
        (resolved,) = made.resolution.pipelines
        return [(one.code, one.pointer) for one in pipeline.check(resolved) if one.pointer.startswith("spec.run")]

    return findings


def test_a_run_may_have_values_of_its_own(asked: Any) -> None:
    assert asked({"rows": 3, "mode": "b"}) == []


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        ({"rows": "3"}, "parameter-type", "spec.run.parameters.rows"),
        ({"rows": 3, "mode": "c"}, "parameter-choice", "spec.run.parameters.mode"),
        ({"rows": 3, "rwos": 3}, "unknown-parameter", "spec.run.parameters.rwos"),
        ({"mode": "a"}, "missing-parameter", "spec.run"),
        ({"rows": 3, "mode": "{{x}}"}, "parameter-choice", "spec.run.parameters.mode"),
    ],
)
def test_values_of_a_run_are_checked(asked: Any, given: dict[str, Any], code: str, pointer: str) -> None:
    assert (code, pointer) in asked(given)
