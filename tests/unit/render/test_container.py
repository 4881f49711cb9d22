from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.container import environment, image, node_sources, resource_requirements, scheduling
from mlgitops.spec.serving import Resources, Variable


@pytest.mark.parametrize(
    ("name", "pulled"),
    [
        ("docker.io/library/python:3.12", "mirror.example.com/hub/library/python:3.12"),
        ("docker.io/team/tool:1", "mirror.example.com/team/tool:1"),
        ("docker.io.evil.example.com/x:1", "docker.io.evil.example.com/x:1"),
        ("quay.io/team/tool:1", "quay.io/team/tool:1"),
    ],
)
def test_an_image_comes_from_the_mirror_of_the_longest_registry_that_it_is_in(
    resolved_model: Any, name: str, pulled: str
) -> None:
    registries = {"docker.io": "mirror.example.com", "docker.io/library": "mirror.example.com/hub/library/"}

    assert image(resolved_model(target={"registries": registries}), name) == pulled


def test_an_environment_variable_is_a_value_or_a_reference() -> None:
    plain = Variable.model_validate({"name": "LEVEL", "value": "debug"})
    secret = Variable.model_validate({"name": "TOKEN", "fromSecret": {"secret": "hub", "key": "token"}})

    assert environment([plain, secret], str.upper) == [
        {"name": "LEVEL", "value": "DEBUG"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "hub", "key": "token"}}},
    ]


def test_everything_but_cpu_is_reserved_in_full(resolved_model: Any) -> None:
    asked = {"cpu": "1.5", "cpuLimit": "3", "memory": "2048Mi", "accelerator": {"class": "a10g", "count": 2}}

    assert resource_requirements(resolved_model(), Resources.model_validate(asked)) == {
        "requests": {"cpu": "1500m", "memory": "2Gi", "nvidia.com/gpu": "2"},
        "limits": {"cpu": "3", "memory": "2Gi", "nvidia.com/gpu": "2"},
    }


def test_the_targets_own_nodes_come_before_the_clouds_usual_ones(resolved_model: Any) -> None:
    own = {"nodeSelector": {"pool": "big"}, "tolerations": [{"key": "pool", "operator": "Exists"}]}
    model = resolved_model(target={"accelerators": {"own": own}})

    def nodes(name: str) -> dict[str, Any]:
        return scheduling(model, Resources.model_validate({"accelerator": {"class": name}}))

    assert nodes("own") == own
    assert nodes("a10g")["nodeSelector"] == {"k8s.amazonaws.com/accelerator": "a10g"}
    assert scheduling(model, Resources()) == {}


def test_spot_nodes_are_asked_for_beside_those_with_the_accelerator(resolved_model: Any) -> None:
    model = resolved_model(target={"cloud": "azure"})
    resources = Resources.model_validate({"accelerator": {"class": "t4"}, "spot": True})

    nodes = scheduling(model, resources)

    assert nodes["nodeSelector"] == {"pool": "t4", "kubernetes.azure.com/scalesetpriority": "spot"}
    assert [taint["key"] for taint in nodes["tolerations"]] == [
        "nvidia.com/gpu", "sku", "kubernetes.azure.com/scalesetpriority",
    ]  # fmt: skip


def test_the_targets_own_spot_nodes_come_before_the_clouds(resolved_model: Any) -> None:
    karpenter = {"nodeSelector": {"karpenter.sh/capacity-type": "spot"}}
    spot = Resources.model_validate({"spot": True})

    assert scheduling(resolved_model(target={"spot": karpenter}), spot) == karpenter
    assert scheduling(resolved_model(target={"cloud": "onprem", "spot": karpenter}), spot) == karpenter
    assert scheduling(resolved_model(target={"spot": {}}), spot) == {}


def test_every_label_of_spot_nodes_leads_to_the_field_that_asks_for_them() -> None:
    sources = node_sources("spec.pod", "serving.resources")

    assert sources["spec.pod.nodeSelector"] == "target:accelerators"
    assert sources["spec.pod.nodeSelector.cloud.google.com/gke-spot"] == "serving.resources.spot"
