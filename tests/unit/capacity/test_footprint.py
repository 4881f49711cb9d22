"""What manifests ask for, kind by kind; of the kinds that are rendered, by the goldens of their renderers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.capacity.footprint import Amounts, Delta, deltas, footprint
from mlgitops.capacity.pods import AcceleratorClass

GIB = 2**30
GPU = "nvidia.com/gpu"
RENDERED = Path(__file__).parents[2] / "goldens" / "render"


def named(kind: str, spec: dict[str, Any], name: str = "a") -> dict[str, Any]:
    return {"kind": kind, "metadata": {"namespace": "ml", "name": name}, "spec": spec}


def pod(cpu: str = "2", **more: Any) -> dict[str, Any]:
    return {"template": {"spec": {"containers": [{"resources": {"requests": {"cpu": cpu}}}], **more}}}


def rendered(name: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((RENDERED / f"{name}.yaml").read_text()) if isinstance(one, dict)]


@pytest.mark.parametrize(
    ("name", "least", "most", "jobs", "largest"),
    [
        ("realtime-aws", {"cpu": 4, "memory": 5 * GIB, GPU: 4}, {"cpu": 10.5, "memory": 13.5 * GIB, GPU: 12}, {}, {}),
        ("realtime-knative", {"cpu": 0, "memory": 0}, {"cpu": 5, "memory": 10 * GIB}, {}, {}),
        ("rollout-canary", {"cpu": 4, "memory": 8 * GIB}, {"cpu": 12, "memory": 24 * GIB}, {}, {}),
        ("llm-aws-0.17.0", *[{"cpu": 24, "memory": 192 * GIB, GPU: 12}] * 2, {}, {}),
        ("streaming-aws", {"cpu": 0, "memory": 0, GPU: 0}, {"cpu": 16, "memory": 64 * GIB, GPU: 8}, {}, {}),
        ("graph-standard-0.17.0", {"cpu": 0.2, "memory": GIB / 8}, {"cpu": 0.8, "memory": GIB / 2}, {}, {}),
        ("batch-aws", {}, {}, {"cpu": 2, "memory": 8 * GIB, GPU: 1}, {"cpu": 2, "memory": 8 * GIB, GPU: 1}),
        ("training-aws-2.0.0", {}, {}, *[{"cpu": 16, "memory": 64 * GIB, GPU: 8}] * 2),
        ("training-v1-pytorch-aws", {}, {}, *[{"cpu": 24, "memory": 96 * GIB, GPU: 12}] * 2),
        ("tuning-trainer", {}, {}, *[{"cpu": 6, "memory": 24 * GIB}] * 2),
        ("pipeline-steps-aws", {}, {}, {"cpu": 6, "memory": 27 * GIB, GPU: 3}, {"cpu": 5, "memory": 23 * GIB, GPU: 3}),
    ],
)  # fmt: skip
def test_each_kind_that_is_rendered_is_counted(
    name: str, least: dict[str, Any], most: dict[str, Any], jobs: dict[str, Any], largest: dict[str, Any]
) -> None:
    found = footprint(rendered(name))
    assert {part: _floats(found, part) for part in ("least", "most", "jobs", "largest")} == {
        "least": least, "most": most, "jobs": jobs, "largest": largest,
    }  # fmt: skip


def test_the_job_that_asks_for_most_is_named_for_each_resource() -> None:
    large = named("Job", pod("4"), "large")
    small = named(
        "Job", {"template": {"spec": {"containers": [{"resources": {"requests": {"cpu": "1", GPU: 1}}}]}}}, "b"
    )
    assert footprint([small, large]).largest_is == {"cpu": "Job/large", GPU: "Job/b"}


def _floats(found: Any, part: str) -> dict[str, float]:
    return {name: float(value) for name, value in getattr(found, part).items()}


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0", "2.2.0"])
def test_the_class_of_an_accelerator_is_told_by_the_nodes_that_the_pod_asks_for(version: str) -> None:
    classes = {
        "a10g": AcceleratorClass(GPU, {"k8s.amazonaws.com/accelerator": "a10g"}),
        "h100": AcceleratorClass(GPU, {"k8s.amazonaws.com/accelerator": "h100"}),
    }
    (job,) = [one for one in rendered(f"training-aws-{version}") if one["kind"] == "TrainJob"]
    assert set(footprint([job], classes).jobs) == {"cpu", "memory", "a10g"}
    assert set(footprint(rendered("realtime-aws"), classes).most) == {"cpu", "memory", "a10g"}


def test_where_nodes_may_be_of_several_classes_the_resource_keeps_its_name() -> None:
    same = {name: AcceleratorClass(GPU, {}) for name in ("a", "b")}
    asked = named("Deployment", {"containers": [{"resources": {"limits": {GPU: 1}}}]})
    assert footprint([asked], same).least == {GPU: 1}
    assert footprint([asked], {"a": same["a"]}).least == {"a": 1}


@pytest.mark.parametrize(
    ("kind", "spec", "cpu"),
    [
        ("", {"replicas": 2, "template": {"spec": {"containers": [{"resources": {"requests": {"cpu": "1"}}}]}}}, 2),
        ("", {"minReplicas": 0, "maxReplicas": 2, "resources": {"requests": {"cpu": "1", "odd": "many"}}}, 2),
        ("", {"resources": {"requests": {"cpu": "2e3m"}, "limits": {"cpu": "2e0"}}}, 2),
        ("Job", {"parallelism": 4, "completions": 1, **pod()}, 2),
        ("CronJob", {"jobTemplate": {"spec": {"parallelism": 2, **pod("1")}}}, 2),
        ("JobSet", {"replicatedJobs": [{"replicas": 2, "template": {"spec": {"parallelism": 3, **pod("1")}}}]}, 6),
        ("SparkApplication", {"driver": {}, "executor": {"cores": 2, "coreRequest": "500m", "instances": 2}}, 2),
        ("StatefulSet", {"replicas": 3, **pod("1")}, 3),
        ("ServingRuntime", {"containers": [{"resources": {"requests": {"cpu": "2"}}}]}, 0),
        ("Deployment", "none", 0),
    ],
)  # fmt: skip
def test_other_kinds_are_counted_as_they_say(kind: str, spec: Any, cpu: float) -> None:
    manifest = named(kind, spec)
    assert footprint([manifest]).all_at_once.get("cpu", 0) == cpu
    assert all(not one.changes for one in deltas(footprint([manifest]), footprint([manifest])))


def test_what_prepares_a_pod_counts_where_it_asks_for_more_than_what_runs_and_sidecars_always() -> None:
    def container(cpu: str, **more: Any) -> dict[str, Any]:
        return {"resources": {"requests": {"cpu": cpu}}, **more}

    prepared = [container("5"), container("1", restartPolicy="Always"), container("3")]
    spec = {"initContainers": prepared, "containers": [container("2")], "overhead": {"cpu": "250m"}}
    assert footprint([named("Pod", spec)]).least == {"cpu": Decimal("5.25")}
    assert footprint([named("Pod", {**spec, "containers": [container("9")]})]).least == {"cpu": Decimal("10.25")}


@pytest.mark.parametrize(
    ("kind", "spec", "least", "most"),
    [
        ("ScaledObject", {"minReplicaCount": 0, "maxReplicaCount": 4}, 2, 10),
        ("ScaledObject", {}, 2, 202),
        ("HorizontalPodAutoscaler", {"maxReplicas": 3}, 4, 8),
        ("HorizontalPodAutoscaler", {"scaleTargetRef": {"kind": "Rollout", "name": "a"}, "maxReplicas": 3}, 4, 4),
    ],
)
def test_what_is_scaled_by_another_object_counts_as_that_says(
    kind: str, spec: dict[str, Any], least: int, most: int
) -> None:
    scaler = named(kind, {"scaleTargetRef": {"name": "a"}, **spec})
    found = footprint([named("Deployment", pod()), named("Deployment", pod(), "other"), scaler])
    assert (found.least, found.most) == ({"cpu": Decimal(least)}, {"cpu": Decimal(most)})


def test_resources_before_and_after_stand_beside_each_other_with_cores_and_memory_first() -> None:
    before, after = footprint([named("Deployment", pod("1"))]), footprint([named("Job", pod("3"))])
    assert deltas(before, after) == (
        Delta("cpu", Amounts(Decimal(1), Decimal(1)), Amounts(jobs=Decimal(3))),
    )  # fmt: skip
    found = deltas(before, footprint([named("Deployment", {"resources": {"limits": {"a": 1, "cpu": 1, "memory": 1}}})]))
    assert [(one.resource, one.changes) for one in found] == [("cpu", False), ("memory", True), ("a", True)]
