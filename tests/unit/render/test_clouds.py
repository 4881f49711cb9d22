from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render import clouds

GPU = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
SKU = {"key": "sku", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("cloud", "annotations", "secrets", "labels"),
    [
        ("aws", {"eks.amazonaws.com/role-arn": "p"}, [], {}),
        ("gcp", {"iam.gke.io/gcp-service-account": "p"}, [], {}),
        ("azure", {"azure.workload.identity/client-id": "p"}, [], {"azure.workload.identity/use": "true"}),
        ("onprem", {}, ["p"], {}),
    ],
)
def test_identity(cloud: str, annotations: Any, secrets: Any, labels: Any) -> None:
    module = clouds.of(cloud)

    assert module.service_account_annotations("p") == annotations
    assert module.service_account_secrets("p") == secrets
    assert module.pod_labels() == labels


@pytest.mark.parametrize(
    ("cloud", "name", "resource", "selector", "tolerations"),
    [
        ("aws", "a10g", "nvidia.com/gpu", {"k8s.amazonaws.com/accelerator": "a10g"}, [GPU]),
        ("aws", "slice", "nvidia.com/mig-1g.10gb", {"k8s.amazonaws.com/accelerator": "slice"}, [GPU]),
        ("gcp", "t4", "nvidia.com/gpu", {"cloud.google.com/gke-accelerator": "nvidia-tesla-t4"}, []),
        ("gcp", "nvidia-l4", "nvidia.com/gpu", {"cloud.google.com/gke-accelerator": "nvidia-l4"}, []),
        ("azure", "a100", "nvidia.com/gpu", {"kubernetes.azure.com/accelerator": "nvidia"}, [GPU, SKU]),
        ("onprem", "a10g", "nvidia.com/gpu", {"nvidia.com/gpu.present": "true"}, [GPU]),
        ("onprem", "mi300", "amd.com/gpu", {}, [{**GPU, "key": "amd.com/gpu"}]),
    ],
)
def test_accelerators(cloud: str, name: str, resource: str, selector: Any, tolerations: Any) -> None:
    module = clouds.of(cloud)

    assert module.accelerator_node_selector(name, resource) == selector
    assert module.accelerator_tolerations(resource) == tolerations


def _taint(key: str, value: str) -> dict[str, str]:
    return {"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("cloud", "selector", "tolerations"),
    [
        ("aws", {"eks.amazonaws.com/capacityType": "SPOT"}, []),
        ("gcp", {"cloud.google.com/gke-spot": "true"}, [_taint("cloud.google.com/gke-spot", "true")]),
        (
            "azure",
            {"kubernetes.azure.com/scalesetpriority": "spot"},
            [_taint("kubernetes.azure.com/scalesetpriority", "spot")],
        ),
        ("onprem", {}, []),
    ],
)
def test_spot_nodes(cloud: str, selector: Any, tolerations: Any) -> None:
    module = clouds.of(cloud)

    assert module.spot_node_selector() == selector
    assert module.spot_tolerations() == tolerations
