"""How the API names kinds in rights: by their plural. Pure.

Rights are for resources (``inferenceservices``), manifests have kinds (``InferenceService``), and no rule that holds
for custom resources leads from one to the other. What is not known here comes from the schemas imported for a target;
what is known nowhere is asked for rather than guessed: a wrong guess is a right that is missing on the day it counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Resource(NamedTuple):
    """How the API names a kind, and whether its objects are in namespaces."""

    plural: str
    namespaced: bool = True


Find = Callable[[str, str], Resource | None]
"""The resource of a group and kind; None where it is not known."""

_ES = ("s", "x", "ch", "sh")


def _named(kind: str) -> Resource:
    """The regular plural, for the kinds below, all of which have it."""
    lower = kind.lower()
    if lower.endswith("y") and lower[-2] not in "aeiou":
        return Resource(lower[:-1] + "ies")
    return Resource(lower + ("es" if lower.endswith(_ES) else "s"))


_NAMESPACED = {
    "": "ConfigMap LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service "
    "ServiceAccount",
    "apps": "DaemonSet Deployment ReplicaSet StatefulSet",
    "argoproj.io": "CronWorkflow Workflow WorkflowTemplate",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "coordination.k8s.io": "Lease",
    "discovery.k8s.io": "EndpointSlice",
    "external-secrets.io": "ExternalSecret SecretStore",
    "gateway.networking.k8s.io": "GRPCRoute Gateway HTTPRoute ReferenceGrant",
    "jobset.x-k8s.io": "JobSet",
    "keda.sh": "ScaledJob ScaledObject TriggerAuthentication",
    "kubeflow.org": "Experiment PyTorchJob TFJob XGBoostJob",
    "kueue.x-k8s.io": "LocalQueue",
    "monitoring.coreos.com": "PodMonitor Probe PrometheusRule ServiceMonitor",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "serving.kserve.io": "InferenceGraph InferenceService LLMInferenceService ServingRuntime TrainedModel",
    "trainer.kubeflow.org": "TrainJob TrainingRuntime",
}
_CLUSTER_WIDE = {
    "": "Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": "MutatingWebhookConfiguration ValidatingAdmissionPolicy "
    "ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "argoproj.io": "ClusterWorkflowTemplate",
    "gateway.networking.k8s.io": "GatewayClass",
    "networking.k8s.io": "IngressClass",
    "node.k8s.io": "RuntimeClass",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io": "PriorityClass",
    "serving.kserve.io": "ClusterServingRuntime ClusterStorageContainer",
    "storage.k8s.io": "StorageClass",
    "trainer.kubeflow.org": "ClusterTrainingRuntime",
}

KNOWN: dict[tuple[str, str], Resource] = {
    **{(group, kind): _named(kind) for group, kinds in _NAMESPACED.items() for kind in kinds.split()},
    **{
        (group, kind): _named(kind)._replace(namespaced=False)
        for group, kinds in _CLUSTER_WIDE.items()
        for kind in kinds.split()
    },
}
"""The kinds of Kubernetes itself, of what is rendered, and of what overlays often add beside it."""


def known(group: str, kind: str) -> Resource | None:
    """The resource of a kind of ``KNOWN``."""
    return KNOWN.get((group, kind))
