from __future__ import annotations

from typing import Any

import pytest

from mlgitops.plan.change import ABSENT, Action, FieldChange, Impact
from mlgitops.plan.impact import impact_of


def manifest(kind: str, pipeline: bool = False, mode: str = "Standard") -> dict[str, Any]:
    labels = {"mlgitops.dev/pipeline": "train"} if pipeline else {"mlgitops.dev/model": "iris"}
    annotations = {"serving.kserve.io/deploymentMode": mode} if kind == "InferenceService" else None
    return {"kind": kind, "metadata": {"name": "a", "labels": labels, "annotations": annotations}}


def field(path: str) -> FieldChange:
    return FieldChange(tuple(path.split(".")), 1, 2)


@pytest.mark.parametrize(
    ("kind", "path", "impact"),
    [
        ("InferenceService", "spec.predictor.minReplicas", Impact.SERVING_ONLY),
        ("InferenceService", "spec.transformer.maxReplicas", Impact.SERVING_ONLY),
        ("InferenceService", "spec.predictor.autoScaling.metrics", Impact.SERVING_ONLY),
        ("InferenceService", "spec.predictor.model.resources.limits.cpu", Impact.ROLLOUT),
        ("InferenceService", "spec.predictor.containers.[kserve-container].image", Impact.ROLLOUT),
        ("InferenceService", "spec.predictor", Impact.ROLLOUT),
        ("InferenceService", "metadata.labels.tier", Impact.ROLLOUT),
        ("InferenceGraph", "spec.minReplicas", Impact.ROLLOUT),
        ("InferenceGraph", "metadata.annotations.note", Impact.ROLLOUT),
        ("LLMInferenceService", "spec.replicas", Impact.SERVING_ONLY),
        ("LLMInferenceService", "spec.model.uri", Impact.ROLLOUT),
        ("Deployment", "spec.replicas", Impact.SERVING_ONLY),
        ("Deployment", "spec.template.spec.containers.[a].image", Impact.ROLLOUT),
        ("Deployment", "spec", Impact.ROLLOUT),
        ("WorkflowTemplate", "spec.templates.[score].container.image", Impact.ROLLOUT),
        ("CronWorkflow", "spec.schedules", Impact.SERVING_ONLY),
        ("TrainJob", "spec.trainer.numNodes", Impact.RETRAIN),
        ("TFJob", "spec.tfReplicaSpecs.Worker.replicas", Impact.RETRAIN),
        ("XGBoostJob", "spec.xgbReplicaSpecs.Worker.replicas", Impact.RETRAIN),
        ("Experiment", "spec.maxTrialCount", Impact.RETRAIN),
        ("TrainJob", "metadata.labels.tier", Impact.SERVING_ONLY),
        ("ScaledObject", "spec.triggers", Impact.SERVING_ONLY),
        ("TriggerAuthentication", "spec.secretTargetRef", Impact.SERVING_ONLY),
        ("PodMonitor", "spec.podMetricsEndpoints", Impact.SERVING_ONLY),
        ("PrometheusRule", "spec.groups.[slo].rules", Impact.SERVING_ONLY),
        ("ConfigMap", "data.key", Impact.ROLLOUT),
        ("Unheard", "spec.of", Impact.ROLLOUT),
    ],
)
def test_an_updates_impact_is_that_of_its_field(kind: str, path: str, impact: Impact) -> None:
    assert impact_of(Action.UPDATE, manifest(kind), [field(path)]) is impact


@pytest.mark.parametrize(
    ("path", "impact"),
    [
        ("spec.templates.[train].container.image", Impact.RETRAIN),
        ("spec.schedules", Impact.SERVING_ONLY),
        ("metadata.labels.tier", Impact.SERVING_ONLY),
    ],
)
def test_a_pipelines_templates_retrain(path: str, impact: Impact) -> None:
    assert impact_of(Action.UPDATE, manifest("CronWorkflow", pipeline=True), [field(path)]) is impact


def test_under_knative_the_autoscalers_fields_roll_out() -> None:
    knative = manifest("InferenceService", mode="Knative")
    assert impact_of(Action.UPDATE, knative, [field("spec.predictor.minReplicas")]) is Impact.ROLLOUT


def test_the_gravest_field_decides() -> None:
    fields = [field("spec.predictor.minReplicas"), field("spec.predictor.model.runtime")]
    assert impact_of(Action.UPDATE, manifest("InferenceService"), fields) is Impact.ROLLOUT


@pytest.mark.parametrize(
    ("action", "kind", "impact"),
    [
        (Action.CREATE, "InferenceService", Impact.ROLLOUT),
        (Action.CREATE, "TrainJob", Impact.RETRAIN),
        (Action.CREATE, "PodMonitor", Impact.SERVING_ONLY),
        (Action.DELETE, "InferenceService", Impact.REMOVES),
        (Action.DELETE, "PersistentVolumeClaim", Impact.DESTROYS_DATA),
        (Action.DELETE, "Namespace", Impact.DESTROYS_DATA),
        (Action.DELETE, "CustomResourceDefinition", Impact.DESTROYS_DATA),
        (Action.UNCHANGED, "InferenceService", Impact.NONE),
    ],
)
def test_other_actions_have_the_impact_of_their_kind(action: Action, kind: str, impact: Impact) -> None:
    assert impact_of(action, manifest(kind)) is impact


def test_severity_grows_from_none_to_destroying_data() -> None:
    assert [impact.severity for impact in Impact] == list(range(6))


def test_a_pointer_reads_like_the_yaml() -> None:
    assert (
        FieldChange(("spec", "containers", "[main]", "args", 0), ABSENT, 1).pointer == "spec.containers[main].args[0]"
    )
