from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import step_kinds
from mlgitops.finding import Finding

IMAGE = "example.com/step:1"
BUILD = {"repository": "https://git.example.com/code.git", "revision": "main", "destination": "example.com/built:1"}
SPARK = {"mainApplicationFile": "local:///job.py", "version": "4.0.1"}
OUTPUTS = [{"name": "rows", "path": "/tmp/rows"}]
ENOUGH = {"memory": "2Gi"}
HAS_SPARK = {"components": {"sparkOperator": "2.3.0"}}


@pytest.fixture
def found(resolved_pipeline: Any) -> Any:
    """The findings about steps: code and place."""

    def findings(*steps: dict[str, Any], target: Any = HAS_SPARK, **spec: Any) -> list[tuple[str, str]]:
        named = [{"name": f"s{index}", "image": IMAGE, **step} for index, step in enumerate(steps)]
        told: list[Finding] = list(step_kinds.check(resolved_pipeline(steps=named, target=target, **spec)))
        return [(finding.code, finding.pointer) for finding in told]

    return findings


def test_sound_steps_have_no_findings(found: Any) -> None:
    built = {"image": "{{steps.s1.image}}"}
    steps = ({"outputs": OUTPUTS, "cache": {}}, {"build": BUILD, "cache": {}}, {"spark": SPARK, "resources": ENOUGH})
    assert found(*steps, built, training=built) == []


def test_a_step_is_of_one_kind(found: Any) -> None:
    assert found({"build": BUILD, "spark": SPARK, "resources": ENOUGH}) == [("step-of-two-kinds", "spec.steps.0.spark")]


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ({"build": BUILD, "command": ["a"], "args": ["b"], "outputs": OUTPUTS}, ["command", "args", "outputs"]),
        (
            {"spark": SPARK, "resources": ENOUGH, "command": ["a"], "args": ["b"],
             "artifacts": {"outputs": [{"name": "a", "path": "/tmp/a"}]}},
            ["command", "artifacts"],
        ),
    ],
)  # fmt: skip
def test_what_a_kind_of_step_does_not_use_is_refused(found: Any, step: Any, fields: list[str]) -> None:
    assert found(step) == [("step-field-unused", f"spec.steps.0.{field}") for field in fields]


def test_a_cache_needs_outputs_and_inputs_that_its_key_knows(found: Any) -> None:
    made = {"outputs": [{"name": "a", "path": "/tmp/a"}]}
    read = {"inputs": [{"name": "a", "path": "/tmp/a", "from": "steps.s1.a"}]}
    assert found({"cache": {}}, {"cache": {}, "artifacts": made}) == [("cache-without-outputs", "spec.steps.0.cache")]
    reads = {"cache": {}, "artifacts": read, "outputs": OUTPUTS}
    assert found(reads, {"artifacts": made}) == [("cache-of-artifacts", "spec.steps.0.cache")]


@pytest.mark.parametrize(
    ("components", "code"), [({}, "component-missing"), ({"sparkOperator": "1.4.6"}, "component-too-old")]
)
def test_spark_needs_its_operator(found: Any, components: Any, code: str) -> None:
    step = {"spark": SPARK, "resources": ENOUGH}
    assert found(step, target={"components": components}) == [(code, "spec.steps.0.spark")]


def test_spark_needs_memory_for_driver_and_executors(found: Any) -> None:
    step = {"spark": {**SPARK, "executorResources": {"memory": "900Mi"}}, "resources": {"memory": "512Mi"}}
    assert found(step) == [
        ("spark-memory", "spec.steps.0.resources.memory"),
        ("spark-memory", "spec.steps.0.spark.executorResources.memory"),
    ]


@pytest.mark.parametrize(("type", "name", "sound"), [
    ("Java", "a.Main", True), ("Scala", None, False), ("Python", "a.Main", False), ("R", None, True),
])  # fmt: skip
def test_a_main_class_is_for_scala_and_java(found: Any, type: str, name: str | None, sound: bool) -> None:
    spark = {**SPARK, "type": type, **({"mainClass": name} if name else {})}
    told = [] if sound else [("spark-main-class", "spec.steps.0.spark.type")]
    assert found({"spark": spark, "resources": ENOUGH}) == told


def test_an_image_is_written_or_built_but_no_text_of_a_step(found: Any) -> None:
    steps = ({"build": BUILD}, {"outputs": OUTPUTS}, {"image": "{{steps.s0.digest}}"}, {"image": "{{steps.s1.rows}}"})
    assert found(*steps) == [("image-not-built", "spec.steps.2.image"), ("image-not-built", "spec.steps.3.image")]
