"""What a change means for what runs: the class of a change by kind and field. Pure tables.

The rules, by kind and path; the longest path that fits decides, and a changed block counts for every rule within it.

* InferenceService: the autoscaler's fields change how many replicas serve; everything else starts new pods. So do its
  own labels and annotations, which KServe copies to the pods (kserve/kserve#3710). Under Knative the autoscaler's
  fields are annotations of a revision, so that they start a new one.
* InferenceGraph: its whole spec is an argument of its router's pods, which get its labels and annotations too.
* Deployment and StatefulSet: only the pod template starts new pods.
* Argo templates of a Pipeline, training jobs, runtimes and Katib experiments: retrain. Argo templates of a Model (batch
  scoring): the next run uses another version. Schedules alone: neither.
* Monitoring, routing, autoscalers, accounts and permissions: serving only.
* ConfigMap, Secret and kinds that are not listed: rollout, the careful guess.
* Deleting a PersistentVolumeClaim, PersistentVolume, Namespace or CustomResourceDefinition destroys data; deleting
  anything else removes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlgitops.manifest import LABEL_PIPELINE, Manifest, labels
from mlgitops.plan.change import Action, FieldChange, Impact, Path

_KNATIVE = frozenset({"Knative", "Serverless"})
_DEPLOYMENT_MODE = "serving.kserve.io/deploymentMode"
_HOLDS_DATA = frozenset({"PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition"})
_SCALING = ("minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "scaleMetricType", "autoScaling")

_METADATA = {"metadata": Impact.SERVING_ONLY}
_CAREFUL = {"": Impact.ROLLOUT, **_METADATA}
_ONLY_SERVING = {"": Impact.SERVING_ONLY}
_TRAINING = {"": Impact.RETRAIN, **_METADATA}
_WORKLOAD = {"": Impact.ROLLOUT, "spec": Impact.SERVING_ONLY, "spec.template": Impact.ROLLOUT, **_METADATA}
_SCHEDULE = {
    f"spec.{field}": Impact.SERVING_ONLY
    for field in (
        "schedules", "schedule", "timezone", "suspend", "concurrencyPolicy", "startingDeadlineSeconds",
        "successfulJobsHistoryLimit", "failedJobsHistoryLimit",
    )
}  # fmt: skip

_RULES: Mapping[str, Mapping[str, Impact]] = {
    "InferenceService": {
        "": Impact.ROLLOUT,
        **{
            f"spec.{component}.{field}": Impact.SERVING_ONLY
            for component in ("predictor", "transformer", "explainer")
            for field in (*_SCALING, "deploymentStrategy")
        },
    },
    "InferenceService on Knative": {"": Impact.ROLLOUT},
    "InferenceGraph": {"": Impact.ROLLOUT},
    "LLMInferenceService": {"": Impact.ROLLOUT, "spec.replicas": Impact.SERVING_ONLY, **_METADATA},
    **dict.fromkeys(("Deployment", "StatefulSet"), _WORKLOAD),
    **dict.fromkeys(("WorkflowTemplate of a pipeline", "Workflow of a pipeline"), _TRAINING),
    "CronWorkflow of a pipeline": {**_TRAINING, **_SCHEDULE},
    "CronWorkflow": {**_CAREFUL, **_SCHEDULE},
    **dict.fromkeys(
        (
            "TrainJob", "PyTorchJob", "TFJob", "XGBoostJob", "Experiment", "TrainingRuntime", "ClusterTrainingRuntime",
        ),
        _TRAINING,
    ),
    **dict.fromkeys(
        (
            "PodMonitor", "ServiceMonitor", "PrometheusRule", "Service", "HTTPRoute", "Gateway", "Ingress",
            "HorizontalPodAutoscaler", "ScaledObject", "TriggerAuthentication", "PodDisruptionBudget", "NetworkPolicy",
            "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "Namespace",
            "CustomResourceDefinition", "PersistentVolumeClaim", "ResourceQuota", "LimitRange", "LocalQueue",
        ),
        _ONLY_SERVING,
    ),
}  # fmt: skip


def impact_of(action: Action, manifest: Manifest, fields: Sequence[FieldChange] = ()) -> Impact:
    """The class of a change. ``manifest`` is the desired one, or the live one for a delete."""
    if action is Action.UNCHANGED:
        return Impact.NONE
    if action in (Action.DELETE, Action.REPLACE):
        return Impact.DESTROYS_DATA if manifest["kind"] in _HOLDS_DATA else Impact.REMOVES
    rules = _RULES.get(_variant(manifest), _CAREFUL)
    if action is Action.CREATE or not fields:
        return rules[""]
    return max((_field_impact(rules, field.path) for field in fields), key=lambda impact: impact.severity)


def _variant(manifest: Manifest) -> str:
    """The kind, more closely where the rules depend on it."""
    kind = str(manifest["kind"])
    annotations = manifest["metadata"].get("annotations") or {}
    if kind == "InferenceService" and annotations.get(_DEPLOYMENT_MODE) in _KNATIVE:
        return f"{kind} on Knative"
    pipelines = kind in ("WorkflowTemplate", "CronWorkflow", "Workflow") and LABEL_PIPELINE in labels(manifest)
    return f"{kind} of a pipeline" if pipelines else kind


def _field_impact(rules: Mapping[str, Impact], path: Path) -> Impact:
    changed = tuple(part for part in path if isinstance(part, str) and not part.startswith("["))
    prefixes = {tuple(prefix.split(".")) if prefix else (): impact for prefix, impact in rules.items()}
    longest = max((prefix for prefix in prefixes if changed[: len(prefix)] == prefix), key=len)
    within = (impact for prefix, impact in prefixes.items() if prefix[: len(changed)] == changed)
    return _gravest([prefixes[longest], *within])


def _gravest(impacts: Iterable[Impact]) -> Impact:
    return max(impacts, key=lambda impact: impact.severity)
