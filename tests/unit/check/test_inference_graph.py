from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import inference_graph
from mlgitops.finding import Severity

NODES = "spec.serving.graph.nodes"
A: dict[str, Any] = {"model": "a"}
B: dict[str, Any] = {"model": "b"}


def node(kind: str, *steps: dict[str, Any], name: str = "root") -> dict[str, Any]:
    return {"name": name, "kind": kind, "steps": list(steps)}


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the errors about a model with these nodes; warnings where they are asked for."""

    def found(
        *nodes: dict[str, Any], warnings: bool = False, target: Any = None, mode: str = "realtime", **graph: Any
    ) -> Any:
        serving = {"mode": mode, "graph": {"nodes": list(nodes), **graph}}
        return [
            (one.code, one.pointer)
            for one in inference_graph.check(resolved_model(serving=serving, target=target or {}))
            if (one.severity is Severity.WARNING) == warnings
        ]

    return found


@pytest.mark.parametrize(
    "root",
    [
        node("sequence", A, {**B, "data": "response", "dependency": "hard", "condition": "predictions.0"}),
        node("ensemble", {**A, "dependency": "soft"}, B),
        node("switch", {**A, "condition": "instances.#(kind==\"a\")"}, {**B, "condition": "instances"}),
        node("splitter", {**A, "weight": 20}, {**B, "weight": 80}),
    ],
)  # fmt: skip
def test_a_sound_graph_of_each_kind_has_no_findings(places: Any, root: dict[str, Any]) -> None:
    assert places(root) == []
    assert places(root, mode="edge") == []


def test_a_model_without_a_graph_is_none_of_its_business(resolved_model: Any) -> None:
    assert list(inference_graph.check(resolved_model())) == []


@pytest.mark.parametrize("mode", ["batch", "streaming", "llm"])
def test_only_what_answers_requests_may_have_one(places: Any, mode: str) -> None:
    assert places(node("sequence", A), mode=mode) == [("graph-not-used", "spec.serving.graph")]


def test_a_request_needs_a_root_to_begin_at(places: Any) -> None:
    assert places(node("sequence", A, name="first")) == [("graph-root-missing", NODES)]


def test_names_of_nodes_and_of_a_node_s_steps_are_there_once(places: Any) -> None:
    assert places(node("sequence", A), node("sequence", B)) == [("duplicate-node", f"{NODES}.1.name")]
    assert places(node("sequence", A, B, A)) == [("duplicate-graph-step", f"{NODES}.0.steps.2")]
    assert places(node("sequence", A, B, {**A, "name": "again"})) == []
    assert places(node("sequence", {**A, "name": "b"}, B)) == [("duplicate-graph-step", f"{NODES}.0.steps.1")]


def test_a_step_leads_to_one_thing(places: Any) -> None:
    second = node("sequence", B, name="next")
    assert places(node("sequence", {}, {"node": "next"}), second) == [("graph-step-target", f"{NODES}.0.steps.0")]
    assert places(node("sequence", {**A, "node": "next"}), second) == [("graph-step-target", f"{NODES}.0.steps.0")]


@pytest.mark.parametrize(
    ("weights", "pointer"),
    [((50, 49), "steps"), ((50, 51), "steps"), ((100, None), "steps.1"), ((0, 100), "")],
)  # fmt: skip
def test_the_weights_of_a_splitter_are_all_there_and_total_100(places: Any, weights: Any, pointer: str) -> None:
    steps = [{**step, "weight": weight} for step, weight in zip((A, B), weights, strict=True)]
    expected = [("graph-weights", f"{NODES}.0.{pointer}")] if pointer else []
    assert places(node("splitter", *steps)) == expected


@pytest.mark.parametrize(
    ("kind", "step", "field"),
    [
        ("sequence", {"weight": 100}, "weight"),
        ("ensemble", {"condition": "instances"}, "condition"),
        ("ensemble", {"data": "response"}, "data"),
        ("ensemble", {"weight": 100}, "weight"),
        ("switch", {"condition": "instances", "dependency": "hard"}, "dependency"),
        ("switch", {"condition": "instances", "data": "predictions"}, "data"),
        ("splitter", {"weight": 100, "condition": "instances"}, "condition"),
        ("splitter", {"weight": 100, "dependency": "soft"}, "dependency"),
        ("sequence", {"data": "response"}, "data"),
    ],
)
def test_a_field_that_the_router_does_not_read_is_refused(
    places: Any, kind: str, step: dict[str, Any], field: str
) -> None:
    assert places(node(kind, {**A, **step})) == [("graph-field-unused", f"{NODES}.0.steps.0.{field}")]


def test_a_switch_never_takes_a_step_without_a_condition(places: Any) -> None:
    assert places(node("switch", {**A, "condition": "a"}, B)) == [("graph-condition-missing", f"{NODES}.0.steps.1")]


def test_a_node_that_is_not_there_is_found_where_it_is_named(places: Any, resolved_model: Any) -> None:
    nodes = [node("sequence", A, {"node": "nxt"}), node("sequence", B, name="next")]
    assert places(*nodes) == [("unknown-node", f"{NODES}.0.steps.1.node")]
    found = list(inference_graph.check(resolved_model(serving={"graph": {"nodes": nodes}})))
    assert [one.suggestion for one in found if one.code == "unknown-node"] == ["next"]


def test_nodes_that_lead_to_each_other_are_named(places: Any) -> None:
    nodes = node("sequence", {"node": "next"}), node("ensemble", A, {"node": "root"}, name="next")
    assert places(*nodes) == [("graph-cycle", NODES)]


def test_a_node_that_nothing_leads_to_is_told_of(places: Any) -> None:
    nodes = node("sequence", A), node("sequence", B, name="left")
    assert places(*nodes) == []
    assert places(*nodes, warnings=True) == [("graph-node-unused", f"{NODES}.1.name")]


def test_what_a_splitter_drops_is_told_and_may_be_accepted(places: Any) -> None:
    root = node("splitter", {**A, "weight": 100})
    assert places(root, warnings=True) == [("splitter-drops-requests", f"{NODES}.0.kind")]
    assert "splitter-drops-requests" in inference_graph.POLICY_CODES


@pytest.mark.parametrize(
    ("version", "code"), [("0.15.2", "component-too-old"), ("0.16.0", ""), ("0.17.0", "")]
)  # fmt: skip
def test_what_came_with_kserve_0_16_is_refused_before(places: Any, version: str, code: str) -> None:
    target = {"components": {"kserve": version}}
    expected = [(code, "spec.serving.graph.timeout")] if code else []
    assert places(node("sequence", A), target=target, timeout="2m") == expected
    expected = [(code, f"{NODES}.0.steps.1.data")] if code else []
    assert places(node("sequence", A, {**B, "data": "predictions"}), target=target) == expected


@pytest.mark.parametrize(
    ("graph", "mode", "code", "pointer"),
    [
        ({"scaling": {"min": 3, "max": 2}}, "Standard", "scaling-bounds", "scaling.min"),
        ({"scaling": {"min": 0, "max": 2}}, "Standard", "scale-to-zero", "scaling.min"),
        ({"scaling": {"max": 2, "metric": "rps"}}, "Standard", "scaling-metric", "scaling.metric"),
        ({"scaling": {"max": 2, "metric": "cpu"}}, "Knative", "scaling-metric", "scaling.metric"),
        ({"scaling": {"max": 2, "target": 101}}, "Standard", "scaling-target", "scaling.target"),
        ({"resources": {"cpu": "1", "cpuLimit": "500m"}}, "Standard", "limit-below-request", "resources.cpuLimit"),
    ],
)
def test_the_router_s_replicas_and_resources_are_looked_at_as_a_model_s(
    places: Any, graph: dict[str, Any], mode: str, code: str, pointer: str
) -> None:
    target = {"serving": {"deploymentMode": mode}}
    assert places(node("sequence", A), target=target, **graph) == [(code, f"spec.serving.graph.{pointer}")]
