from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.render import inference_graph
from mlgitops.render.render import render

NODES: list[dict[str, Any]] = [
    {
        "name": "root",
        "kind": "sequence",
        "steps": [
            {"name": "route", "node": "by-amount", "dependency": "hard"},
            {"node": "together", "data": "response", "condition": "predictions.0"},
        ],
    },
    {
        "name": "by-amount",
        "kind": "switch",
        "steps": [
            {"model": "large-payments", "condition": "instances.0.#(amount>1000)"},
            {"model": "fraud-detector", "condition": "instances"},
        ],
    },
    {
        "name": "together",
        "kind": "ensemble",
        "steps": [{"node": "halves", "dependency": "soft"}, {"model": "device-risk", "dependency": "hard"}],
    },
    {
        "name": "halves",
        "kind": "splitter",
        "steps": [{"model": "risk-old", "weight": 80}, {"model": "risk-new", "weight": 20}],
    },
]


@pytest.fixture
def rendered(resolved_model: Any) -> Callable[..., list[Manifest]]:
    """Renders the graph of a model on a target in this mode, with this version of KServe."""

    def made(version: str = "0.17.0", mode: str = "Standard", nodes: Any = NODES, **graph: Any) -> list[Manifest]:
        target = {"components": {"kserve": version}, "serving": {"deploymentMode": mode}}
        model = resolved_model(target=target, serving={"graph": {"nodes": nodes, **graph}}, dependsOn=["feature-store"])
        return inference_graph.render(model)

    return made


@pytest.mark.parametrize(
    ("version", "mode"), [("0.15.2", "Standard"), ("0.16.0", "Standard"), ("0.17.0", "Standard"), ("0.17.0", "Knative")]
)
def test_a_graph_as_it_was_reviewed(
    rendered: Any, golden: Callable[[str, str], None], manifests_text: Any, version: str, mode: str
) -> None:
    settings = {"timeout": "90s"} if version != "0.15.2" else {}
    scaling = {"min": 1, "max": 4, "metric": "cpu" if mode == "Standard" else "rps", "target": 70}
    manifests = rendered(version, mode, scaling=scaling, resources={"cpu": "200m", "cpuLimit": 1}, **settings)
    golden(f"render/graph-{mode.lower()}-{version}.yaml", manifests_text(manifests))


def test_a_model_without_a_graph_has_none(resolved_model: Any) -> None:
    assert inference_graph.render(resolved_model()) == []
    assert [one["kind"] for one in render(resolved_model())] == ["InferenceService", "PodMonitor"]


def test_the_graph_stands_beside_the_model_and_belongs_to_it(resolved_model: Any) -> None:
    manifests = render(resolved_model(serving={"graph": {"nodes": NODES}}))
    service, graph = (one["metadata"] for one in manifests[:2])
    assert (service["name"], graph["name"]) == ("fraud-detector", "fraud-detector-graph")
    assert graph["labels"]["mlgitops.dev/model"] == "fraud-detector"
    assert graph["labels"]["mlgitops.dev/release"] == service["labels"]["mlgitops.dev/release"]


def test_both_wait_for_the_models_that_the_graph_leads_to(resolved_model: Any) -> None:
    manifests = render(resolved_model(serving={"graph": {"nodes": NODES}}))
    waits = {one["kind"]: one["metadata"]["annotations"].get("mlgitops.dev/depends-on") for one in manifests}
    needed = "device-risk,large-payments,risk-new,risk-old"
    assert waits == {"InferenceService": needed, "InferenceGraph": needed, "PodMonitor": needed}


def test_a_router_that_stays_as_it_is_has_no_autoscaler(rendered: Any) -> None:
    (graph,) = rendered(scaling={"min": 2, "max": 2})
    assert graph["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == "none"
    assert (graph["spec"]["minReplicas"], graph["spec"]["maxReplicas"]) == (2, 2)
    assert "scaleMetric" not in graph["spec"]


def test_predictions_become_the_instances_of_the_next_step(rendered: Any) -> None:
    steps = [{"model": "a"}, {"model": "b", "data": "predictions"}]
    (graph,) = rendered(nodes=[{"name": "root", "kind": "sequence", "steps": steps}])
    assert graph["spec"]["nodes"]["root"]["steps"][1] == {
        "name": "b", "serviceName": "b", "data": "$response", "mapPredictionsToInstances": True,
    }  # fmt: skip


@pytest.mark.parametrize(("mode", "timeout"), [("Standard", None), ("Knative", 90)])
def test_the_router_keeps_to_a_timeout_and_knative_does_where_it_runs_it(
    rendered: Any, mode: str, timeout: int | None
) -> None:
    (graph,) = rendered(mode=mode, timeout="90s")
    assert graph["spec"]["routerTimeouts"] == {"serverWrite": 90, "serviceClient": 90}
    assert graph["spec"].get("timeout") == timeout
