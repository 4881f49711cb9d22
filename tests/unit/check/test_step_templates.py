from __future__ import annotations

import json
from typing import Any

import pytest

from mlgitops.check import rules, step_templates
from mlgitops.finding import Severity

DIGEST = "sha256:" + "0123456789abcdef" * 4
STEP: dict[str, Any] = {"name": "fetch", "image": f"example.com/fetch@{DIGEST}"}


@pytest.fixture
def found(read: Any) -> Any:
    """The findings about a template that nothing uses."""

    def findings(step: dict[str, Any], **spec: Any) -> list[tuple[str, str]]:
        metadata = {"apiVersion": "mlgitops.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "fetch"}}
        content = {**metadata, "spec": {"steps": [{**STEP, **step}], **spec}}
        made = read({"steps/fetch/1.0.yaml": json.dumps(content)})
        assert made.codes() == []
        return [(f.code, f.pointer) for f in step_templates.check(made.resolution)]

    return findings


def test_a_sound_template_has_no_findings(found: Any) -> None:
    inputs = [{"name": "data", "type": "dataset", "path": "/tmp/data"}]
    step = {"args": ["{{parameters.rows}}"], "artifacts": {"inputs": inputs}, "retries": 2}
    assert found(step, parameters=[{"name": "rows", "type": "int", "value": 1}]) == []


@pytest.mark.parametrize(
    ("step", "spec", "expected"),
    [
        ({"name": "other"}, {}, ("invalid-step-template", "spec.steps.0.name")),
        ({"dependsOn": ["a"]}, {}, ("invalid-step-template", "spec.steps.0.dependsOn")),
        ({"uses": "a@1"}, {}, ("invalid-step-template", "spec.steps.0.uses")),
        ({"with": {"a": "b"}}, {}, ("invalid-step-template", "spec.steps.0.with")),
        ({}, {"queue": "team"}, ("invalid-step-template", "spec.queue")),
        ({}, {"steps": [STEP, {**STEP, "name": "b"}]}, ("invalid-step-template", "spec.steps.1")),
        ({"args": ["{{steps.a.b}}"]}, {}, ("invalid-step-template", "spec.steps.0.args.0")),
        (
            {"artifacts": {"inputs": [{"name": "a", "path": "/tmp/a", "from": "steps.a.b"}]}}, {},
            ("invalid-step-template", "spec.steps.0.artifacts.inputs.0.from"),
        ),
        ({"args": ["{{parameters.rows}}"]}, {}, ("unknown-parameter", "spec.steps.0.args.0")),
        ({"args": ["{{rows}}"]}, {}, ("unknown-placeholder", "spec.steps.0.args.0")),
        ({"outputs": [{"name": "a", "path": "/t/{{x}}"}]}, {}, ("unknown-placeholder", "spec.steps.0.outputs.0.path")),
        ({}, {"parameters": [{"name": "a", "value": "{{x}}"}]}, ("unknown-placeholder", "spec.parameters.0.value")),
        ({}, {"parameters": [{"name": "a", "value": 1}]}, ("parameter-type", "spec.parameters.0.value")),
        ({}, {"parameters": [{"name": "a"}, {"name": "a"}]}, ("duplicate-parameter", "spec.parameters.1.name")),
        ({"env": [{"name": "A"}]}, {}, ("variable-source", "spec.steps.0.env.0")),
        ({"image": "example.com/fetch:1"}, {}, ("image-not-pinned", "spec.steps.0.image")),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_template_is_found_though_nothing_uses_it(
    found: Any, step: dict[str, Any], spec: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert found(step, **spec) == [expected]


def test_null_is_no_value(found: Any) -> None:
    assert found({}, parameters=[{"name": "a", "value": None}]) == []


def test_a_template_s_image_is_told_of_once_and_at_the_level_of_the_policy(read: Any) -> None:
    template = {"name": "fetch", "image": "example.com/fetch:1"}
    head = {"apiVersion": "mlgitops.dev/v1alpha1", "kind": "Pipeline"}
    steps = [{"name": "a", "uses": "fetch@1.0"}, {"name": "b", "uses": "fetch@1.0"}]
    made = read({
        "steps/fetch/1.0.yaml": json.dumps({**head, "metadata": {"name": "fetch"}, "spec": {"steps": [template]}}),
        "environments/dev/pipelines/x.yaml": json.dumps({**head, "metadata": {"name": "x"}, "spec": {"steps": steps}}),
    })  # fmt: skip
    found = [f for f in rules.check(made.resolution, made.documents) if f.code == "image-not-pinned"]
    assert [(f.severity, f.location.path) for f in found] == [(Severity.WARNING, "steps/fetch/1.0.yaml")]
