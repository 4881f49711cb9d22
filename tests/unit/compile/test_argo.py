from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.compile import argo

HEAD = """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: flow}
spec:
  entrypoint: main
"""
LEAF = """\
    - name: main
      container: {image: "alpine:3", command: [echo]}
"""


def flow(spec: str, templates: str = LEAF) -> str:
    return f"{HEAD}{spec}  templates:\n{templates}"


@pytest.fixture
def compile(compiled: Callable[..., Any]) -> Callable[..., Any]:
    return lambda text, **classes: compiled(argo.pipeline, text, classes)


def test_parameters_times_labels_and_the_name_are_taken_over(compile: Any) -> None:
    made = compile(
        flow(
            "  arguments: {parameters: [{name: rate, value: 0.1, description: How fast}, "
            "{name: kind, enum: [a, b]}]}\n"
            "  activeDeadlineSeconds: 5400\n  ttlStrategy: {secondsAfterCompletion: 86400}\n"
        ).replace("{name: flow}", "{generateName: flow-, labels: {team: ml}}")
    )
    assert made.findings == []
    document = made.draft.document("flow", ("aws",))
    assert document["metadata"] == {"name": "flow", "labels": {"team": "ml"}}
    spec = document["spec"]
    assert spec["parameters"] == [
        {"name": "rate", "value": "0.1", "description": "How fast"}, {"name": "kind", "enum": ["a", "b"]}
    ]  # fmt: skip
    assert (made.draft.name, spec["targets"], spec["deadline"], spec["keep"]) == ("flow", ["aws"], "90m", "1d")
    assert spec["steps"] == [{"name": "main", "image": "alpine:3", "command": ["echo"]}]


def test_a_schedule_is_taken_over_from_a_cron_workflow(compile: Any) -> None:
    made = compile(
        "apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: flow}\nspec:\n"
        "  schedules: ['0 3 * * *']\n  timezone: Europe/Zurich\n  startingDeadlineSeconds: 120\n"
        "  concurrencyPolicy: Replace\n  workflowSpec:\n    entrypoint: main\n    templates:\n    - name: main\n"
        "      container: {image: a}\n"
    )
    schedule = {"cron": ["0 3 * * *"], "timezone": "Europe/Zurich", "startingDeadline": "2m"}
    assert made.draft.more == {"schedule": schedule}
    assert [(f.code, f.pointer) for f in made.findings] == [("compile-differs", "spec.concurrencyPolicy")]


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ("  onExit: main\n", "spec.onExit"),
        ("  volumes: [{name: v, emptyDir: {}}]\n", "spec.volumes"),
        ("  parallelism: 3\n", "spec.parallelism"),
        ("  hooks: {exit: {template: main}}\n", "spec.hooks"),
        ("  ttlStrategy: {secondsAfterFailure: 5}\n", "spec.ttlStrategy.secondsAfterFailure"),
        ("  arguments: {artifacts: [{name: a, raw: {data: x}}]}\n", "spec.arguments.artifacts"),
        ("  arguments: {parameters: [{name: a, globalName: b}]}\n", "spec.arguments.parameters.0.globalName"),
        ("  activeDeadlineSeconds: soon\n", "spec.activeDeadlineSeconds"),
    ],
)
def test_a_field_that_a_pipeline_has_no_word_for_is_an_error_at_its_place(
    compile: Any, spec: str, pointer: str
) -> None:
    made = compile(flow(spec))
    assert [where for where, _ in made.errors] == [pointer]
    assert {finding.location.line for finding in made.findings} == {6}


def test_everything_that_is_wrong_is_told_at_once(compile: Any) -> None:
    made = compile(flow("  onExit: main\n  volumes: [{name: v}]\n", "    - name: main\n      suspend: {duration: 5}\n"))
    assert len(made.errors) == 4


@pytest.mark.parametrize("field", ["serviceAccountName: admin", "podGC: {strategy: OnPodCompletion}"])
def test_what_mlgitops_decides_itself_is_a_warning(compile: Any, field: str) -> None:
    made = compile(flow(f"  {field}\n"))
    assert made.codes == ["compile-decided-elsewhere"]


def test_the_namespace_is_left_to_the_environment(compile: Any) -> None:
    made = compile(flow("").replace("{name: flow}", "{name: flow, namespace: argo}"))
    assert [(f.code, f.pointer) for f in made.findings] == [("compile-decided-elsewhere", "metadata.namespace")]


def test_a_name_that_a_pipeline_cannot_have_is_changed_and_told(compile: Any) -> None:
    made = compile(flow("  arguments: {parameters: [{name: learning_rate, value: 1}]}\n"))
    assert made.draft.parameters == [{"name": "learning-rate", "value": "1"}]
    assert made.codes == ["compile-renamed"]


def test_two_names_that_would_become_one_are_refused(compile: Any) -> None:
    made = compile(flow("  arguments: {parameters: [{name: a_b, value: 1}, {name: a.b, value: 2}]}\n"))
    assert "'a_b' and 'a.b' would both be named 'a-b'" in made.errors[0][1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow"}, True),
        ({"apiVersion": "argoproj.io/v1alpha1", "kind": "EventSource"}, False),
        ({"apiVersion": "v1", "kind": "Workflow"}, False),
        ([], False),
        (None, False),
    ],
)
def test_an_object_of_argo_is_known_by_its_kind(data: Any, expected: bool) -> None:
    assert argo.is_argo(data) is expected
