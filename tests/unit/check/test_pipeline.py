from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import pipeline
from mlgitops.finding import Severity

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"example.com/step@{DIGEST}"
TRAINING: dict[str, Any] = {"image": IMAGE}


@pytest.fixture
def places(resolved_pipeline: Any) -> Any:
    """The codes and pointers of the findings about a pipeline."""

    def found(**spec: Any) -> list[tuple[str, str]]:
        return [(finding.code, finding.pointer) for finding in pipeline.check(resolved_pipeline(**spec))]

    return found


def test_a_sound_pipeline_has_no_findings(places: Any) -> None:
    assert places() == []
    assert places(training=TRAINING, queue="team", identity="model-reader", schedule={"cron": ["@daily"]}) == []
    assert places(steps=[], training=TRAINING) == []


def test_a_pipeline_does_something(places: Any) -> None:
    assert places(steps=[]) == [("pipeline-empty", "spec")]


@pytest.mark.parametrize(
    ("component", "version", "expected"),
    [
        ("argoWorkflows", None, [("component-missing", "spec.steps")]),
        ("argoWorkflows", "3.3.0", [("component-too-old", "spec.steps")]),
        ("trainer", None, [("component-missing", "spec.training")]),
        ("trainer", "1.9.0", [("component-too-old", "spec.training")]),
        ("kueue", None, [("component-missing", "spec.queue")]),
    ],
)
def test_what_the_pipeline_needs_is_installed(
    places: Any, component: str, version: str | None, expected: list[tuple[str, str]]
) -> None:
    assert places(training=TRAINING, queue="team", target={"components": {component: version}}) == expected


def test_training_alone_needs_no_argo(places: Any) -> None:
    assert places(steps=[], training=TRAINING, target={"components": {"argoWorkflows": None}}) == []


def test_images_are_pinned_as_a_matter_of_policy(resolved_pipeline: Any) -> None:
    steps = [{"name": "a", "image": "example.com/a:1"}]

    findings = list(pipeline.check(resolved_pipeline(steps=steps, training={"image": "example.com/t:1"})))

    assert [(f.code, f.pointer, f.severity) for f in findings] == [
        ("image-not-pinned", "spec.steps.0.image", Severity.WARNING),
        ("image-not-pinned", "spec.training.image", Severity.WARNING),
    ]
    assert {finding.code for finding in findings} <= pipeline.POLICY_CODES


def test_each_containers_needs_are_looked_at(places: Any) -> None:
    steps = [
        {"name": "a", "image": IMAGE, "resources": {"accelerator": {"class": "h100"}}, "env": [{"name": "EMPTY"}]},
    ]
    training = {**TRAINING, "dataset": "store://nowhere/x", "resources": {"accelerator": {"class": "t4", "count": 5}}}

    assert places(steps=steps, training=training, identity="nobody") == [
        ("unknown-identity", "spec.identity"),
        ("unknown-accelerator", "spec.steps.0.resources.accelerator.class"),
        ("variable-source", "spec.steps.0.env.0"),
        ("too-many-accelerators", "spec.training.resources.accelerator.count"),
        ("unknown-storage", "spec.training.dataset"),
    ]


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"parameters": [{"name": "a", "value": "{{workflow.name}}"}]}, "spec.parameters.0.value"),
        ({"parameters": [{"name": "a", "value": "x", "description": "{{x}}"}]}, "spec.parameters.0.description"),
        (
            {"steps": [{"name": "a", "image": IMAGE, "outputs": [{"name": "o", "path": "/tmp/{{pod.name}}"}]}]},
            "spec.steps.0.outputs.0.path",
        ),
        (
            {"steps": [{"name": "a", "image": IMAGE, "env": [
                {"name": "A", "fromSecret": {"secret": "s", "key": "{{workflow.name}}"}}]}]},
            "spec.steps.0.env.0.fromSecret.key",
        ),
        ({"training": {**TRAINING, "dataset": "s3://{{workflow.name}}/x"}}, "spec.training.dataset"),
        ({"training": {**TRAINING, "baseModel": "hf://{{workflow.name}}/x"}}, "spec.training.baseModel"),
    ],
)  # fmt: skip
def test_no_other_text_can_hold_a_tag_of_argos(places: Any, spec: dict[str, Any], pointer: str) -> None:
    assert places(**spec) == [("unknown-placeholder", pointer)]


def test_training_alone_cannot_be_scheduled(places: Any) -> None:
    assert places(steps=[], training=TRAINING, schedule={"cron": ["@daily"]}) == [
        ("schedule-without-steps", "spec.schedule")
    ]


def test_a_scheduled_run_is_given_no_values(places: Any) -> None:
    assert places(parameters=[{"name": "day"}]) == []
    assert places(parameters=[{"name": "day"}], schedule={"cron": ["@daily"]}) == [
        ("parameter-without-value", "spec.parameters.0")
    ]


@pytest.mark.parametrize(
    ("trainer", "spec", "expected"),
    [
        ("2.1.0", {"steps": [], "deadline": "1h"}, [("deadline-not-kept", "spec.deadline")]),
        ("2.2.0", {"steps": [], "deadline": "1h"}, []),
        ("2.1.0", {"steps": []}, []),
        ("2.1.0", {"deadline": "1h"}, []),
    ],
)
def test_a_deadline_that_nothing_would_keep_is_found(
    places: Any, trainer: str, spec: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert places(training=TRAINING, target={"components": {"trainer": trainer}}, **spec) == expected


@pytest.mark.parametrize(
    ("cloud", "trainer", "expected"),
    [
        ("azure", "2.0.0", [("component-too-old", "spec.identity")]),
        ("azure", "2.1.0", []),
        ("aws", "2.0.0", []),
    ],
)
def test_identity_on_azure_needs_labels_of_pods(
    places: Any, cloud: str, trainer: str, expected: list[tuple[str, str]]
) -> None:
    target = {"cloud": cloud, "components": {"trainer": trainer}}

    assert places(steps=[], training=TRAINING, identity="model-reader", target=target) == expected
