"""Google GKE."""

from __future__ import annotations

from typing import Any

GPU_NAMES = {
    "a100": "nvidia-tesla-a100",
    "a100-80gb": "nvidia-a100-80gb",
    "h100": "nvidia-h100-80gb",
    "h200": "nvidia-h200-141gb",
    "l4": "nvidia-l4",
    "p4": "nvidia-tesla-p4",
    "p100": "nvidia-tesla-p100",
    "t4": "nvidia-tesla-t4",
    "v100": "nvidia-tesla-v100",
}
"""Usual class names, as GKE calls the GPU (GKE documentation, "Run GPUs in GKE Standard node pools")."""


def service_account_annotations(principal: str) -> dict[str, str]:
    """``principal`` is an IAM service account's e-mail (GKE, "Workload Identity Federation for GKE")."""
    return {"iam.gke.io/gcp-service-account": principal}


def service_account_secrets(principal: str) -> list[str]:
    """None: the metadata server hands out the tokens."""
    return []


def pod_labels() -> dict[str, str]:
    """None: the annotation on the service account is enough."""
    return {}


def accelerator_node_selector(name: str, resource: str) -> dict[str, str]:
    """``cloud.google.com/gke-accelerator``, which GKE puts on every node with GPUs."""
    return {"cloud.google.com/gke-accelerator": GPU_NAMES.get(name, name)}


def accelerator_tolerations(resource: str) -> list[dict[str, Any]]:
    """None: GKE taints nodes with GPUs, and adds the toleration to pods that ask for them, by itself."""
    return []


def spot_node_selector() -> dict[str, str]:
    """The label of nodes on Spot VMs (GKE, "Run fault-tolerant workloads at lower costs in Spot VMs")."""
    return {"cloud.google.com/gke-spot": "true"}


def spot_tolerations() -> list[dict[str, Any]]:
    """The taint that the same page has one put on such a node pool."""
    return [{"key": "cloud.google.com/gke-spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"}]
