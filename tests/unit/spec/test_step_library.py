from __future__ import annotations

from typing import Any

import pytest

from mlgitops.spec.field_value import field_value
from mlgitops.spec.resolved import ResolvedPipeline

TEMPLATE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: fetch
spec:
  parameters:
    - name: url
    - name: rows
      type: int
      value: 10
    - name: share
      type: float
      value: 0.00001
  steps:
    - name: fetch
      image: example.com/fetch:1
      args: ["{{parameters.url}}", "--rows={{parameters.rows}}", "--share={{parameters.share}}"]
      env:
        - name: URL
          value: "{{parameters.url}}"
      retries: 2
      resources:
        memory: 1Gi
"""
PIPELINE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: train
spec:
  parameters:
    - name: day
      value: today
  steps:
    - name: first
      image: example.com/first:1
      outputs:
        - name: count
          path: /tmp/count
    - name: get
      uses: fetch@1.0
      with:
        url: s3://{{parameters.day}}
        rows: "{{steps.first.count}}"
      retries: 3
      env:
        - name: LEVEL
          value: info
"""
TRAIN, FETCH = "environments/dev/pipelines/train.yaml", "steps/fetch/1.0.yaml"


@pytest.fixture
def resolved(read: Any) -> Any:
    """The pipeline as it is resolved, with changes to files."""

    def made(**files: str) -> ResolvedPipeline:
        content = {TRAIN: files.get("pipeline", PIPELINE), FETCH: files.get("template", TEMPLATE)}
        found = read(content)
        assert found.codes() == []
        (pipeline,) = found.resolution.pipelines
        assert isinstance(pipeline, ResolvedPipeline)
        return pipeline

    return made


def test_a_step_is_what_its_template_says_with_the_values_that_it_is_given(resolved: Any) -> None:
    step = resolved().spec.steps[1]
    assert (step.name, step.image, step.resources.memory) == ("get", "example.com/fetch:1", "1Gi")
    assert step.args == ("s3://{{parameters.day}}", "--rows={{steps.first.count}}", "--share=0.00001")


def test_what_the_step_says_itself_goes_over_it(resolved: Any) -> None:
    step = resolved().spec.steps[1]
    assert step.retries == 3
    assert {variable.name: variable.value for variable in step.env} == {
        "URL": "s3://{{parameters.day}}", "LEVEL": "info",
    }  # fmt: skip


def test_steps_stand_in_the_pipeline_s_order(resolved: Any) -> None:
    assert [step.name for step in resolved().spec.steps] == ["first", "get"]
    turned = PIPELINE.replace("    - name: first\n      image", "    - name: zero\n      uses: fetch@1.0\n"
                              "      with: {url: x}\n    - name: first\n      image")  # fmt: skip
    assert [step.name for step in resolved(pipeline=turned).spec.steps] == ["zero", "first", "get"]


def test_two_steps_may_use_one_template(resolved: Any) -> None:
    both = PIPELINE + "    - name: again\n      uses: fetch@1.0\n      with: {url: file:///x, rows: 5}\n"
    steps = resolved(pipeline=both).spec.steps
    assert [step.args[:2] for step in steps[1:]] == [
        ("s3://{{parameters.day}}", "--rows={{steps.first.count}}"),
        ("file:///x", "--rows=5"),
    ]


def test_every_field_leads_to_its_line_in_the_template_or_the_pipeline(resolved: Any) -> None:
    pipeline = resolved()

    def place(*pointer: str | int) -> str:
        return str(pipeline.provenance.origin(("steps", 1, *pointer)).location)

    assert place("image") == f"{FETCH}:16:14"
    assert place("args", 1) == f"{FETCH}:17:36"
    assert place("resources", "memory") == f"{FETCH}:23:17"
    assert place("retries") == f"{TRAIN}:20:16"
    assert place("env", 0, "value") == f"{FETCH}:20:18"
    assert place("env", 1, "value") == f"{TRAIN}:23:18"


def test_the_layers_of_a_value_are_the_template_and_what_goes_over_it(resolved: Any) -> None:
    value = field_value(resolved(), "Pipeline/train", ("steps", 1, "retries"))
    assert [(said.layer, said.location.path, said.value) for said in value.said] == [
        ("step template fetch@1.0", FETCH, 2),
        ("environment's pipeline", TRAIN, 3),
    ]
    assert {said.location.path for said in field_value(resolved(), "", ("steps",)).said} == {FETCH, TRAIN}


def test_a_finding_in_what_a_template_says_is_told_where_it_is_used(resolved: Any) -> None:
    finding = resolved().finding("code", ("steps", 1, "resources", "memory"), "this is wrong")
    assert (str(finding.location), finding.pointer) == (f"{TRAIN}:16:13", "spec.steps.1.uses")
    assert finding.message == f"this is wrong, as {FETCH}:23 says"
    own = resolved().finding("code", ("steps", 1, "retries"), "this is wrong")
    assert (str(own.location), own.message) == (f"{TRAIN}:20:16", "this is wrong")


@pytest.mark.parametrize(
    ("uses", "message", "help", "suggestion"),
    [
        ("fetch@2.0", "step template 'fetch' has no version 2.0", "versions: 1.0;", "fetch@1.0"),
        ("fetsh@1.0", "there is no step template 'fetsh'", "templates: fetch@1.0;", "fetch@1.0"),
    ],
)
def test_a_template_that_is_not_there_is_found_with_what_there_is(
    read: Any, uses: str, message: str, help: str, suggestion: str
) -> None:
    found = read({TRAIN: PIPELINE.replace("fetch@1.0", uses), FETCH: TEMPLATE})
    (finding,) = found.resolution.findings
    assert (finding.code, str(finding.location), finding.message) == (
        "unknown-step-template", f"{TRAIN}:16:13", message,
    )  # fmt: skip
    assert finding.help.startswith(help)
    assert finding.suggestion == suggestion
    assert found.resolution.pipelines == ()


def test_other_findings_are_told_beside_an_unknown_template(read: Any) -> None:
    wrong = PIPELINE.replace("fetch@1.0", "other@1").replace("retries: 3", "retries: 300")
    codes = read({TRAIN: wrong, FETCH: TEMPLATE}).codes()
    assert codes == [f"unknown-step-template {TRAIN}:16:13", f"out-of-range {TRAIN}:20:16"]


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        (TEMPLATE.replace("retries: 2", "retries: two"), [f"wrong-type {FETCH}:21:16"]),
        (TEMPLATE[: TEMPLATE.index("  steps:")], [f"invalid-step-template {FETCH}:6:3"]),
        ("kind: [", [f"yaml-syntax {FETCH}:1:8"]),
        (TEMPLATE.replace("name: fetch\n", "name: other\n", 1), [f"name-differs-from-file {FETCH}:4:9"]),
        (TEMPLATE.replace("kind: Pipeline", "kind: Model"), [f"wrong-kind {FETCH}:2:7"]),
    ],
)
def test_what_is_wrong_with_a_template_is_told_once_whether_it_is_used_or_not(
    read: Any, template: str, codes: list[str]
) -> None:
    assert read({TRAIN: PIPELINE, FETCH: template}).codes() == codes
    assert read({FETCH: template}).codes() == codes


def test_a_reference_without_a_version_has_not_the_right_form(read: Any) -> None:
    codes = read({TRAIN: PIPELINE.replace("fetch@1.0", "fetch"), FETCH: TEMPLATE}).codes()
    assert codes == [f"invalid-format {TRAIN}:16:13"]


def test_null_in_a_template_is_nothing(resolved: Any) -> None:
    nothing = TEMPLATE.replace("retries: 2", "timeout: null").replace('value: "{{parameters.url}}"', "value: null")
    step = resolved(template=nothing).spec.steps[1]
    assert (step.timeout, step.env[0].value) == (None, None)


def test_values_go_into_every_text_that_may_hold_placeholders(read: Any) -> None:
    head, _, _ = TEMPLATE.partition("      args:")
    program = 'mainApplicationFile: "local:///{{parameters.url}}.py"'
    conf = 'conf: {spark.rows: "{{parameters.rows}}"}'
    spark = f'      spark:\n        version: "3.5.3"\n        {program}\n        {conf}\n'
    uses = PIPELINE[: PIPELINE.index("      retries: 3")].replace("s3://{{parameters.day}}", "app/x")
    found = read({FETCH: head + spark, TRAIN: uses})
    assert found.codes() == []
    step = found.resolution.pipelines[0].spec.steps[1].spark
    assert (step.main_application_file, step.conf) == ("local:///app/x.py", {"spark.rows": "{{steps.first.count}}"})


def test_steps_that_use_templates_need_names_that_differ(read: Any) -> None:
    codes = read({TRAIN: PIPELINE.replace("name: get", "name: first"), FETCH: TEMPLATE}).codes()
    assert codes == [f"duplicate-step {TRAIN}:10:5"]
