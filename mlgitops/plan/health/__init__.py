"""The health of a live object, by rules for each kind. Pure: what is live is passed in.

A rule that an Environment declares goes before ours, so that it can also correct one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.health import experiments, platform, runs, schedules, serving, workloads
from mlgitops.plan.health.declared import DeclaredRule, rule_for
from mlgitops.plan.health.fields import text
from mlgitops.plan.health.state import Health, State, progressing, ready

__all__ = ["DeclaredRule", "Health", "State", "health"]

Rule = Callable[[Manifest], Health]

RULES: Mapping[tuple[str, str], Rule] = {
    ("serving.kserve.io", "InferenceService"): serving.inference_service,
    ("serving.kserve.io", "LLMInferenceService"): serving.llm_inference_service,
    ("serving.kserve.io", "InferenceGraph"): serving.inference_graph,
    ("argoproj.io", "Workflow"): runs.workflow,
    ("argoproj.io", "CronWorkflow"): schedules.cron_workflow,
    ("batch", "CronJob"): schedules.cron_job,
    **{kind: runs.job for kind in runs.RUN_ONCE if kind != ("argoproj.io", "Workflow")},
    ("kubeflow.org", "Experiment"): experiments.experiment,
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("", "Pod"): workloads.pod,
    ("gateway.networking.k8s.io", "HTTPRoute"): platform.http_route,
    ("gateway.networking.k8s.io", "GRPCRoute"): platform.http_route,
    ("keda.sh", "ScaledObject"): platform.scaled_object,
    ("external-secrets.io", "ExternalSecret"): platform.external_secret,
    ("kueue.x-k8s.io", "LocalQueue"): platform.local_queue,
    ("kueue.x-k8s.io", "ClusterQueue"): platform.local_queue,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): platform.definition,
    ("", "Namespace"): platform.namespace,
    ("", "PersistentVolumeClaim"): platform.volume_claim,
}
"""The rules by group and kind."""

AT_ONCE = frozenset(
    {("", kind) for kind in "ConfigMap Secret Service ServiceAccount LimitRange ResourceQuota Event Endpoints".split()}
    | {("rbac.authorization.k8s.io", k) for k in "Role RoleBinding ClusterRole ClusterRoleBinding".split()}
    | {("argoproj.io", kind) for kind in ("WorkflowTemplate", "ClusterWorkflowTemplate")}
    | {("serving.kserve.io", kind) for kind in ("ServingRuntime", "ClusterServingRuntime", "ClusterStorageContainer")}
    | {("trainer.kubeflow.org", kind) for kind in ("TrainingRuntime", "ClusterTrainingRuntime")}
    | {("monitoring.coreos.com", kind) for kind in ("PodMonitor", "ServiceMonitor", "PrometheusRule", "Probe")}
    | {("networking.k8s.io", kind) for kind in ("NetworkPolicy", "IngressClass", "Ingress")}
    | {("autoscaling", "HorizontalPodAutoscaler"), ("policy", "PodDisruptionBudget")}
    | {("scheduling.k8s.io", "PriorityClass"), ("storage.k8s.io", "StorageClass")}
    | {("gateway.networking.k8s.io", "ReferenceGrant"), ("keda.sh", "TriggerAuthentication")}
    | {("kueue.x-k8s.io", "ResourceFlavor"), ("coordination.k8s.io", "Lease")}
)
"""Group and kind of what is ready as soon as it is there: it has no status, or one that nobody need wait for."""


def health(manifest: Manifest, declared: Iterable[DeclaredRule] = ()) -> Health:
    """The health of a live object, whole as the API server gave it. Never raises for a status of an odd shape.

    An object without a rule is judged by its condition Ready; without that nothing is known about it.
    """
    removed = text(manifest.get("metadata") or {}, "deletionTimestamp")
    if removed:
        return progressing("it is being deleted", removed)
    one = identity(manifest)
    rule = rule_for(one, declared)
    if rule is not None:
        return replace(rule.health(manifest), certain=False)
    return _by_kind(one, manifest)


def _by_kind(one: Identity, manifest: Manifest) -> Health:
    kind = (one.group, one.kind)
    if kind in RULES:
        return RULES[kind](manifest)
    if kind in AT_ONCE:
        return ready()
    found = platform.by_ready_condition(manifest)
    if found is None:
        return Health(State.UNKNOWN, f"nothing tells when {one.kind} is ready", certain=False)
    certain = isinstance((manifest.get("status") or {}).get("observedGeneration"), int)
    return replace(found, certain=certain)
