"""A cluster of one's own: no cloud identities, nodes labelled by the GPU operator."""

from __future__ import annotations

from typing import Any

from mlgitops.render import device_taints


def service_account_annotations(principal: str) -> dict[str, str]:
    """None: there is no service that would exchange the account's token."""
    return {}


def service_account_secrets(principal: str) -> list[str]:
    """``principal`` is a Secret in the namespace; KServe reads credentials from the Secrets of the service account."""
    return [principal]


def pod_labels() -> dict[str, str]:
    """None."""
    return {}


def accelerator_node_selector(name: str, resource: str) -> dict[str, str]:
    """The label that NVIDIA's GPU feature discovery puts on nodes with a GPU. It does not tell types apart."""
    return {"nvidia.com/gpu.present": "true"} if resource.startswith("nvidia.com/") else {}


def accelerator_tolerations(resource: str) -> list[dict[str, Any]]:
    """The device's taint."""
    return device_taints.tolerations(resource)


def spot_node_selector() -> dict[str, str]:
    """None that all clusters have: the Target says which they are, or has none."""
    return {}


def spot_tolerations() -> list[dict[str, Any]]:
    """None."""
    return []
