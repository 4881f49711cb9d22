from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import pipeline

DIGEST = "sha256:" + "0123456789abcdef" * 4
TRAINING: dict[str, Any] = {"image": f"example.com/train@{DIGEST}"}
OPERATOR: dict[str, Any] = {"components": {"trainer": None, "trainingOperator": "1.9.3"}}


@pytest.fixture
def places(resolved_pipeline: Any) -> Any:
    """The codes and pointers of the findings about a pipeline of training alone."""

    def found(block: dict[str, Any] | None = None, **spec: Any) -> list[tuple[str, str]]:
        spec = {"steps": [], "training": {**TRAINING, **(block or {})}, **spec}
        return [(finding.code, finding.pointer) for finding in pipeline.check(resolved_pipeline(**spec))]

    return found


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow", "xgboost"])
def test_training_operator_trains_where_there_is_no_trainer(places: Any, framework: str) -> None:
    assert places({"framework": framework}, target=OPERATOR) == []
    assert places({"framework": framework}, target=OPERATOR, queue="team", priority="urgent") == []


def test_within_steps_too(places: Any) -> None:
    steps = [{"name": "prepare", "image": f"example.com/a@{DIGEST}"}]

    assert places(steps=steps, target=OPERATOR) == []


def test_training_operator_is_new_enough(places: Any) -> None:
    old = {"components": {"trainer": None, "trainingOperator": "1.6.0"}}

    assert places(target=old) == [("component-too-old", "spec.training")]


def test_with_neither_component_trainer_is_asked_for(places: Any) -> None:
    assert places(target={"components": {"trainer": None}}) == [("component-missing", "spec.training")]


def test_training_operator_fetches_nothing_before_a_training(places: Any) -> None:
    block = {"dataset": "s3://data/iris", "baseModel": "hf://example/base"}

    assert places(block) == []
    assert places(block, target=OPERATOR) == [
        ("initializer-needs-trainer", "spec.training.dataset"),
        ("initializer-needs-trainer", "spec.training.baseModel"),
    ]


@pytest.mark.parametrize(
    ("framework", "expected"),
    [
        ("pytorch", []),
        ("tensorflow", [("processes-not-supported", "spec.training.processesPerNode")]),
        ("xgboost", [("processes-not-supported", "spec.training.processesPerNode")]),
    ],
)
def test_only_a_pytorch_job_knows_processes(places: Any, framework: str, expected: list[tuple[str, str]]) -> None:
    assert places({"framework": framework, "processesPerNode": 2}, target=OPERATOR) == expected


def test_a_train_job_of_another_framework_names_its_runtime(places: Any) -> None:
    assert places({"framework": "xgboost"}) == [("runtime-missing", "spec.training.framework")]
    assert places({"framework": "xgboost", "runtime": "xgboost-distributed"}) == []


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ({"kueue": "0.14.0"}, []),
        ({"kueue": "0.13.0"}, [("component-too-old", "spec.queue")]),
        ({"kueue": "0.5.0", **OPERATOR["components"]}, []),
        ({"kueue": "0.4.0", **OPERATOR["components"]}, [("component-too-old", "spec.queue")]),
    ],
)
def test_a_kueue_that_does_not_know_the_job_would_let_it_pass_its_quota(
    places: Any, components: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert places(queue="team", target={"components": components}) == expected


def test_a_priority_needs_a_queue(places: Any) -> None:
    assert places(priority="urgent") == [("priority-without-queue", "spec.priority")]
