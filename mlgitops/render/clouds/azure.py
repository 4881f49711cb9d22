"""Azure AKS."""

from __future__ import annotations

from typing import Any

from mlgitops.render import device_taints


def service_account_annotations(principal: str) -> dict[str, str]:
    """``principal`` is the client ID of a managed identity or application (AKS, "Workload ID overview")."""
    return {"azure.workload.identity/client-id": principal}


def service_account_secrets(principal: str) -> list[str]:
    """None: tokens are projected by the webhook."""
    return []


def pod_labels() -> dict[str, str]:
    """The webhook changes only pods with this label (Azure Workload Identity, "Labels and annotations")."""
    return {"azure.workload.identity/use": "true"}


def accelerator_node_selector(name: str, resource: str) -> dict[str, str]:
    """The label that AKS puts on nodes with NVIDIA GPUs. It does not tell one type of GPU from another."""
    return {"kubernetes.azure.com/accelerator": "nvidia"} if resource.startswith("nvidia.com/") else {}


def accelerator_tolerations(resource: str) -> list[dict[str, Any]]:
    """The device's taint, and ``sku=gpu``, with which the AKS documentation makes GPU node pools."""
    sku = {"key": "sku", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}
    return [*device_taints.tolerations(resource), sku]


def spot_node_selector() -> dict[str, str]:
    """The label of a spot node pool (AKS, "Add an Azure Spot node pool")."""
    return {"kubernetes.azure.com/scalesetpriority": "spot"}


def spot_tolerations() -> list[dict[str, Any]]:
    """The taint that AKS puts on every spot node pool."""
    key = "kubernetes.azure.com/scalesetpriority"
    return [{"key": key, "operator": "Equal", "value": "spot", "effect": "NoSchedule"}]
