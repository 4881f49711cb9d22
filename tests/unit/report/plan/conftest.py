"""Plans for tests of their reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import ANNOTATION_COPIES, Identity, Manifest
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Plan, TargetPlan

FILE = "environments/prod/models/fraud-detector.yaml"
ALERTS = "groups:\n- name: fraud\n  rules:\n  - alert: Slow\n    expr: p99 > 0.2\n    for: 5m\n"
STORAGE = "s3://models/fraud-detector/2026/11/{}/model-with-a-very-long-name-that-does-not-fit-on-a-line.bst"


def fraud(kind: str, name: str = "fraud-detector", group: str = "serving.kserve.io") -> Identity:
    return Identity(group, kind, "prod-models", name)


def service_change() -> Change:
    predictor = ("spec", "predictor")
    fields = (
        FieldChange(("metadata", "labels", "app.kubernetes.io/version"), "1.9", "1.10", f"{FILE}:9"),
        FieldChange(("metadata", "labels", "mlgitops.dev/release"), "aaaa", "bbbb", f"{FILE}:8"),
        FieldChange((*predictor, "maxReplicas"), ABSENT, 10, f"{FILE}:21"),
        FieldChange((*predictor, "minReplicas"), 1, 2, f"{FILE}:20"),
        FieldChange(
            (*predictor, "model", "env", "[MODE]"), ABSENT, {"name": "MODE", "value": "on"}, f"{FILE}:30"
        ),
        FieldChange((*predictor, "model", "env", "[DB_PASSWORD]", "value"), "hunter2", "hunter3", f"{FILE}:32"),
        FieldChange((*predictor, "model", "storageUri"), STORAGE.format("1.9"), STORAGE.format("1.10"), f"{FILE}:11"),
        FieldChange((*predictor, "timeout"), 60, ABSENT),
    )  # fmt: skip
    return Change(fraud("InferenceService"), Action.UPDATE, "Model/fraud-detector", Impact.ROLLOUT, fields, {}, "d1")


def alert_change() -> Change:
    changed = ALERTS.replace("0.2", "0.1")
    fields = (FieldChange(("data", "rules.yaml"), ALERTS, changed, f"{FILE}:44"),)
    alerts = fraud("ConfigMap", "alerts", "")
    return Change(alerts, Action.UPDATE, "Model/fraud-detector", Impact.SERVING_ONLY, fields, {})


def monitor_manifest() -> Manifest:
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {
            "name": "churn",
            "namespace": "prod-models",
            "labels": {"mlgitops.dev/model": "churn"},
            "annotations": {ANNOTATION_COPIES: "s3://far-models/churn/3 gs://example-models/churn/3"},
        },
        "spec": {
            "predictor": {
                "minReplicas": 1,
                "model": {
                    "modelFormat": {"name": "onnx", "version": "1"},
                    "storageUri": "gs://example-models/churn/3",
                    "resources": {"limits": {"cpu": "1", "memory": "2Gi"}, "requests": {"cpu": "1", "memory": "2Gi"}},
                },
            }
        },
    }


def secret_manifest() -> Manifest:
    return {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sink", "namespace": "prod-models"},
        "type": "Opaque", "data": {"url": "aHVudGVyMg=="},
    }  # fmt: skip


@pytest.fixture
def plan() -> Plan:
    """Two targets: one with every kind of change, one in which a single model is created."""
    churn = Change(
        Identity("serving.kserve.io", "InferenceService", "prod-models", "churn"), Action.CREATE, "Model/churn",
        Impact.ROLLOUT, (), monitor_manifest(),
    )  # fmt: skip
    secret = Change(
        Identity("", "Secret", "prod-models", "sink"), Action.CREATE, "Environment/overlay", Impact.ROLLOUT, (),
        secret_manifest(),
    )  # fmt: skip
    claim = Change(
        Identity("", "PersistentVolumeClaim", "prod-models", "cache"), Action.DELETE, "Pipeline/fraud-training",
        Impact.DESTROYS_DATA, live_digest="d2",
    )  # fmt: skip
    kept = [
        Change(fraud("PodMonitor", f"m{n}"), Action.UNCHANGED, "Model/fraud-detector", Impact.NONE) for n in range(40)
    ]
    aws = TargetPlan("aws-prod", {}, "v1", (alert_change(), service_change(), secret, claim, *kept))
    gcp = TargetPlan("gcp-prod", {}, "v1", (churn,), (fraud("ServiceAccount", "old", ""),), settled=False)
    return Plan(
        "fraud-platform", "prod", "3f9c2ab4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0", "sha256:00", (aws, gcp),
        ("--model fraud-detector", "--model churn"), 12, "0.1.0",
    )  # fmt: skip


@pytest.fixture
def plan_of() -> Callable[..., Plan]:
    """A plan with the changes given, at one target, with nothing left out."""

    def make(*changes: Change, **more: Any) -> Plan:
        return Plan("shop", "dev", "", "sha256:00", (TargetPlan("aws", {}, "v1", changes),), **more)

    return make
