"""An inference graph that is entered at a model: KServe's InferenceGraph, whose router calls the models of it. Pure.

The router's image is KServe's own, and so are the addresses of the models, which its controller looks up: a step names
the InferenceService. Facts are of KServe v0.15.2 to v0.17.0.
"""

from __future__ import annotations

from typing import Any

from mlgitops.check.graph_models import SUFFIX
from mlgitops.check.inference_graph import router_resources
from mlgitops.manifest import Manifest
from mlgitops.render.container import resource_requirements, resource_sources
from mlgitops.render.metadata import object_metadata
from mlgitops.render.realtime import is_knative, mode_annotations
from mlgitops.spec.inference_graph import GraphNode, GraphStep
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Graph, Scaling

_GRAPH = "serving.graph"
SOURCES = {
    "InferenceGraph": {
        "metadata.annotations.serving.kserve.io/deploymentMode": "target:serving.deploymentMode",
        "metadata.annotations.serving.kserve.io/autoscalerClass": f"{_GRAPH}.scaling",
        "metadata.annotations.autoscaling.knative.dev/class": "target:serving.deploymentMode",
        "spec": _GRAPH,
        "spec.nodes": f"{_GRAPH}.nodes",
        "spec.minReplicas": f"{_GRAPH}.scaling.min",
        "spec.maxReplicas": f"{_GRAPH}.scaling.max",
        "spec.scaleMetric": f"{_GRAPH}.scaling.metric",
        "spec.scaleTarget": f"{_GRAPH}.scaling.target",
        "spec.timeout": f"{_GRAPH}.timeout",
        "spec.routerTimeouts": f"{_GRAPH}.timeout",
        **resource_sources("spec.resources", f"{_GRAPH}.resources"),
    },
}
_DATA: dict[str, dict[str, Any]] = {
    "request": {},
    "response": {"data": "$response"},
    "predictions": {"data": "$response", "mapPredictionsToInstances": True},
}


def render(model: ResolvedModel) -> list[Manifest]:
    """The InferenceGraph, where the model has a graph."""
    graph = model.spec.serving.graph
    return [_inference_graph(model, graph)] if graph is not None else []


def _inference_graph(model: ResolvedModel, graph: Graph) -> Manifest:
    metadata = object_metadata(model, model.name + SUFFIX, component="graph")
    metadata["annotations"] |= mode_annotations(model, scales=graph.scaling.min != graph.scaling.max)
    spec = {
        "nodes": {node.name: _node(node) for node in graph.nodes},
        "resources": resource_requirements(model, router_resources(graph)),
        **_replicas(graph.scaling),
        **_timeouts(model, graph),
    }
    return {"apiVersion": "serving.kserve.io/v1alpha1", "kind": "InferenceGraph", "metadata": metadata, "spec": spec}


def _node(node: GraphNode) -> dict[str, Any]:
    return {"routerType": node.kind.capitalize(), "steps": [_step(step) for step in node.steps]}


def _step(step: GraphStep) -> dict[str, Any]:
    leads_to = {"serviceName": step.model} if step.model is not None else {"nodeName": step.node}
    return {
        "name": step.title,
        **leads_to,
        **_DATA[step.data],
        **({"weight": step.weight} if step.weight is not None else {}),
        **({"condition": step.condition} if step.condition is not None else {}),
        **({"dependency": step.dependency.capitalize()} if step.dependency is not None else {}),
    }


def _replicas(scaling: Scaling) -> dict[str, Any]:
    bounds = {"minReplicas": scaling.min, "maxReplicas": scaling.max}
    if scaling.min == scaling.max:
        return bounds
    return {**bounds, "scaleMetric": scaling.metric, "scaleTarget": scaling.target}


def _timeouts(model: ResolvedModel, graph: Graph) -> dict[str, Any]:
    """``timeout`` is read for Knative alone (``raw_ig.go`` does not); the router keeps to ``routerTimeouts`` itself."""
    if graph.timeout is None:
        return {}
    longest = seconds(graph.timeout)
    own = {"routerTimeouts": {"serverWrite": longest, "serviceClient": longest}}
    return {**own, "timeout": longest} if is_knative(model) else own
