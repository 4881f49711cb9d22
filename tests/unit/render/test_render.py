from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.render import render, render_targets

BATCH = {"command": ["score"], "input": "s3://in", "output": "s3://out", "image": "example.com/a:1"}
STREAMING = {"image": "example.com/a:1", "brokers": ["kafka:9092"], "topic": "in", "group": "g"}
TRAINING = {"image": "example.com/train:1"}


def kinds(manifests: Any) -> set[str]:
    return {manifest["kind"] for manifest in manifests}


def test_a_model_that_answers_is_an_inference_service_with_its_monitoring(resolved_model: Any) -> None:
    assert kinds(render(resolved_model())) == {"InferenceService", "PodMonitor"}


def test_a_model_that_scores_is_a_workflow(resolved_model: Any) -> None:
    batch = resolved_model(serving={"mode": "batch", "batch": BATCH})
    assert kinds(render(batch)) >= {"WorkflowTemplate", "ServiceAccount", "Role", "RoleBinding"}
    assert "InferenceService" not in kinds(render(batch))


def test_a_model_that_reads_a_stream_is_a_deployment_that_is_scaled(resolved_model: Any) -> None:
    serving = {"mode": "streaming", "port": 8080, "streaming": STREAMING}
    found = kinds(render(resolved_model(serving=serving)))
    assert found == {"Deployment", "ScaledObject", "PodMonitor"}


def test_a_language_model_is_served_by_an_llm_inference_service(resolved_model: Any) -> None:
    assert kinds(render(resolved_model(serving={"mode": "llm"}))) == {"LLMInferenceService"}


def test_a_pipeline_with_steps_is_a_workflow_and_without_any_a_job(resolved_pipeline: Any) -> None:
    assert "WorkflowTemplate" in kinds(render(resolved_pipeline()))
    assert kinds(render(resolved_pipeline(steps=None, training=TRAINING))) == {"TrainJob"}


@pytest.mark.parametrize(
    "serving", [{}, {"mode": "batch", "batch": BATCH}, {"mode": "streaming", "streaming": STREAMING}, {"mode": "llm"}]
)
def test_a_retired_model_is_nothing(resolved_model: Any, serving: Any) -> None:
    assert render(resolved_model(serving=serving, lifecycle={"stage": "retired"})) == []


@pytest.mark.parametrize("stage", ["experimental", "deprecated"])
def test_a_model_of_any_other_stage_runs(resolved_model: Any, stage: str) -> None:
    assert kinds(render(resolved_model(lifecycle={"stage": stage}))) == {"InferenceService", "PodMonitor"}


def test_the_same_model_renders_the_same(resolved_model: Any) -> None:
    assert render(resolved_model()) == render(resolved_model())


def test_every_target_of_an_environment_has_its_manifests(read: Any) -> None:
    there = (
        "apiVersion: mlgitops.dev/v1alpha1\nkind: Target\nmetadata:\n  name: {name}\nspec:\n  cloud: onprem\n"
        "  connection:\n    directory:\n      path: clusters/{name}\n  components:\n    kserve: '0.16.0'\n"
    )
    made = read(
        {
            "targets/there.yaml": there.format(name="there"),
            "targets/empty.yaml": there.format(name="empty"),
            "environments/dev/environment.yaml": "apiVersion: mlgitops.dev/v1alpha1\nkind: Environment\nmetadata:\n"
            "  name: dev\nspec:\n  targets: [there, empty, here]\n  defaults: {model: {serving: {format: sklearn}}}\n",
            "models/iris.yaml": "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata:\n  name: iris\n"
            "spec:\n  targets: [here, there]\n",
        }
    )
    rendered = render_targets(made.resolution)
    assert [(name, len(manifests)) for name, manifests in rendered.items()] == [("there", 1), ("empty", 0), ("here", 1)]
