"""Amazon EKS."""

from __future__ import annotations

from typing import Any

from mlgitops.render import device_taints


def service_account_annotations(principal: str) -> dict[str, str]:
    """``principal`` is a role's ARN (EKS user guide, "IAM roles for service accounts")."""
    return {"eks.amazonaws.com/role-arn": principal}


def service_account_secrets(principal: str) -> list[str]:
    """None: the role's tokens are projected by EKS."""
    return []


def pod_labels() -> dict[str, str]:
    """None: the annotation on the service account is enough."""
    return {}


def accelerator_node_selector(name: str, resource: str) -> dict[str, str]:
    """``k8s.amazonaws.com/accelerator``, the label by which Cluster Autoscaler knows a group's GPU type on AWS."""
    return {"k8s.amazonaws.com/accelerator": name}


def accelerator_tolerations(resource: str) -> list[dict[str, Any]]:
    """EKS taints nothing by itself; operators use the resource's name as the key, which is tolerated."""
    return device_taints.tolerations(resource)


def spot_node_selector() -> dict[str, str]:
    """The label of managed node groups (EKS user guide, "Managed node group capacity types"). Karpenter's nodes have
    ``karpenter.sh/capacity-type: spot`` instead, which their Target says."""
    return {"eks.amazonaws.com/capacityType": "SPOT"}


def spot_tolerations() -> list[dict[str, Any]]:
    """None: EKS taints nothing by itself."""
    return []
