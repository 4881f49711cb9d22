from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from mlgitops.check import dependencies, graph_models
from mlgitops.finding import Finding, Severity
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel

Model = Callable[..., ResolvedModel]
DIGEST = "sha256:" + "0123456789abcdef" * 4
STEP = "spec.serving.graph.nodes.0.steps.0"


def entry(model: Model, *steps: Any, name: str = "entry", **spec: Any) -> ResolvedModel:
    """A model with a graph of these steps, each a model's name or the step itself."""
    made = [{"model": step} if isinstance(step, str) else step for step in steps]
    graph = {"nodes": [{"name": "root", "kind": "sequence", "steps": made}]}
    return model(name=name, serving={"format": "sklearn", "graph": graph}, **spec)


def findings(*models: ResolvedModel) -> Sequence[Finding]:
    return list(graph_models.check(Resolution("dev", None, None, {}, models, (), ())))


def found(*models: ResolvedModel) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in findings(*models)]


def test_a_graph_leads_to_itself_and_to_others(resolved_model: Model) -> None:
    other = resolved_model(name="other")
    assert found(entry(resolved_model, "entry", "other"), other) == []


def test_a_model_that_is_not_there_is_found_where_it_is_named(resolved_model: Model) -> None:
    (finding,) = findings(entry(resolved_model, "othr"), resolved_model(name="other"))
    assert (finding.code, finding.pointer, finding.suggestion) == ("unknown-model", f"{STEP}.model", "other")


def test_a_model_of_another_target_is_not_there(resolved_model: Model) -> None:
    there = resolved_model(name="other", target={"cloud": "gcp"})
    assert found(entry(resolved_model, "other"), there) == [("unknown-model", f"{STEP}.model")]


@pytest.mark.parametrize("mode", ["batch", "streaming", "llm"])
def test_a_model_that_answers_no_requests_of_its_own_service_is_refused(resolved_model: Model, mode: str) -> None:
    other = resolved_model(name="other", serving={"mode": mode})
    assert found(entry(resolved_model, "other"), other) == [("graph-model-mode", f"{STEP}.model")]


def test_a_retired_model_never_gets_ready(resolved_model: Model) -> None:
    other = resolved_model(name="other", lifecycle={"stage": "retired"})
    assert found(entry(resolved_model, "other"), other) == [("dependency-retired", f"{STEP}.model")]


def test_the_graph_s_own_name_is_not_a_model_s(resolved_model: Model) -> None:
    other = resolved_model(name="entry-graph")
    assert found(entry(resolved_model, "entry"), other) == [("graph-name-taken", "spec.serving.graph")]


@pytest.mark.parametrize(
    ("serving", "severity"),
    [
        ({"format": "sklearn", "protocol": "v1"}, None),
        ({"format": "sklearn", "protocol": "v2"}, Severity.WARNING),
        ({"format": "pytorch", "protocol": "v1"}, None),
        ({"format": "pytorch", "protocol": "v2"}, Severity.ERROR),
        ({"format": "pytorch", "protocol": "grpc-v2"}, Severity.ERROR),
        ({"format": "tensorflow", "protocol": "grpc-v1"}, Severity.ERROR),
        ({"format": "onnx", "protocol": "v2"}, None),
        ({"format": "huggingface", "protocol": "v2"}, None),
        ({"format": "sklearn", "runtime": "own"}, None),
        ({"format": "sklearn", "runtime": "own", "protocol": "v2"}, None),
        ({"format": "sklearn", "runtime": "own", "protocol": "grpc-v2"}, Severity.ERROR),
    ],
)
def test_a_model_that_would_be_called_by_a_protocol_that_it_does_not_speak_is_found(
    resolved_model: Model, serving: dict[str, Any], severity: Severity | None
) -> None:
    models = [entry(resolved_model, "other"), resolved_model(name="other", serving=serving)]
    code = "graph-protocol" if severity is Severity.ERROR else "graph-protocol-other"
    expected = [(code, f"{STEP}.model", severity)] if severity else []
    assert [(one.code, one.pointer, one.severity) for one in findings(*models)] == expected


def test_kserve_0_15_calls_a_model_by_the_protocol_that_it_was_given(resolved_model: Model) -> None:
    target = {"components": {"kserve": "0.15.2"}}
    other = resolved_model(name="other", target=target, serving={"format": "pytorch", "protocol": "v2"})
    assert found(entry(resolved_model, "other", target=target), other) == []


@pytest.mark.parametrize(("env", "protocol"), [([], "v1"), ([{"name": "PROTOCOL", "value": "v2"}], "v2")])
def test_a_transformer_is_called_in_its_model_s_place(resolved_model: Model, env: list[Any], protocol: str) -> None:
    transformer = {"image": f"example.com/t@{DIGEST}", "env": env}
    other = resolved_model(name="other", serving={"format": "onnx", "transformer": transformer})
    assert graph_models.called_by(other) == protocol
    assert found(entry(resolved_model, "other"), other) == []


def test_a_graph_is_called_by_one_protocol_alone(resolved_model: Model) -> None:
    models = resolved_model(name="one"), resolved_model(name="two", serving={"format": "onnx"})
    (finding,) = findings(entry(resolved_model, "one", "two"), *models)
    assert (finding.code, finding.pointer) == ("graph-protocols-mixed", "spec.serving.graph.nodes")
    assert "one by v1, two by v2" in finding.message


def test_only_protocol_v1_has_instances(resolved_model: Model) -> None:
    two = resolved_model(name="two", serving={"format": "onnx"})
    steps = {"model": "two"}, {"model": "two", "name": "again", "data": "predictions"}
    assert found(entry(resolved_model, *steps), two) == [
        ("graph-predictions", "spec.serving.graph.nodes.0.steps.1.data")
    ]


def test_a_graph_waits_for_its_models_and_not_for_itself(resolved_model: Model) -> None:
    graph = entry(resolved_model, "entry", "other", dependsOn=["feature-store"])
    assert graph.needs == ("feature-store", "other")


def test_graphs_that_wait_for_each_other_are_named(resolved_model: Model) -> None:
    models = entry(resolved_model, "two", name="one"), entry(resolved_model, "one", name="two")
    resolution = Resolution("dev", None, None, {}, models, (), ())
    (finding,) = dependencies.check(resolution)
    assert (finding.code, finding.message) == (
        "dependency-cycle",
        "these models wait for each other: one -> two -> one",
    )
