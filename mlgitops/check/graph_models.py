"""Rules about the models that an inference graph leads to: they are there, answer requests, and speak alike. Pure.

KServe's router posts to the address of each InferenceService, by a path of protocol v1 or v2 that its controller works
out (``GetPredictorEndpoint`` in ``pkg/controller/v1beta1/inferenceservice/utils/utils.go``): of a transformer by its
variable PROTOCOL, v1 where it has none. Else it is the protocol of the InferenceService in v0.15.2, and in v0.16.0 and
v0.17.0 the first of the two that the runtime has, whatever the InferenceService says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlgitops.check.inference_graph import SETTINGS_FROM
from mlgitops.check.references import unknown_name
from mlgitops.check.runtimes import Runtime, protocol_of, runtime_of
from mlgitops.finding import Finding, Severity
from mlgitops.spec.inference_graph import GraphStep
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE
from mlgitops.spec.versions import at_least

SUFFIX = "-graph"
"""What the InferenceGraph's name has more than the model's."""
_CALLED_BY = ("v1", "v2")
_BOTH = ("v1", "v2")
"""What KServe's own Python servers speak, both at once."""
_LISTED_FIRST = {"kserve-huggingfaceserver": "v2"}
"""Where the runtime's own list does not begin with the protocol that is taken where a model names none."""

_Models = Mapping[str, ResolvedModel]


class _Step(NamedTuple):
    pointer: Pointer
    step: GraphStep


def check(resolution: Resolution) -> Iterator[Finding]:
    """Findings over the graphs of one environment, target by target."""
    for target in dict.fromkeys(model.place.target for model in resolution.models if _has_graph(model)):
        models = {model.name: model for model in resolution.models if model.place.target == target}
        for model in filter(_has_graph, models.values()):
            yield from _graph(model, models)


def names(model: ResolvedModel) -> tuple[str, ...]:
    """The names that a model's graph takes beside the model's own."""
    return (model.name + SUFFIX,) if _has_graph(model) else ()


def _has_graph(model: ResolvedModel) -> bool:
    return model.spec.serving.graph is not None and model.spec.serving.mode in ONLINE


def _graph(model: ResolvedModel, models: _Models) -> Iterator[Finding]:
    (taken,) = names(model)
    if taken in models:
        yield model.finding(
            "graph-name-taken", ("serving", "graph"),
            f"the graph would be called {taken}, as the model of that name is", help="rename one of the models",
        )  # fmt: skip
    called: dict[str, str] = {}
    for pointer, step in _steps(model):
        assert step.model is not None
        if step.model not in models:
            where = f"environment {model.place.environment} at target {model.place.target}"
            yield unknown_name(model, (*pointer, "model"), "model", step.model, models, where)
            continue
        yield from _member(model, pointer, models[step.model])
        if protocol := called_by(models[step.model]):
            yield from _predictions(model, pointer, step, protocol)
            called.setdefault(protocol, step.model)
    if len(called) > 1:
        how = ", ".join(f"{name} by {protocol}" for protocol, name in sorted(called.items()))
        yield model.finding(
            "graph-protocols-mixed", ("serving", "graph", "nodes"),
            f"KServe's router calls {how}, and translates nothing",
            help="have all models of the graph called by one protocol; a transformer may speak it for its model",
        )  # fmt: skip


def _steps(model: ResolvedModel) -> Iterator[_Step]:
    """The steps that lead to a model."""
    graph = model.spec.serving.graph
    for at, node in enumerate(graph.nodes if graph else ()):
        for index, step in enumerate(node.steps):
            if step.model is not None:
                yield _Step(("serving", "graph", "nodes", at, "steps", index), step)


def _member(model: ResolvedModel, pointer: Pointer, member: ResolvedModel) -> Iterator[Finding]:
    name, mode = member.name, member.spec.serving.mode
    if member.spec.lifecycle.stage == "retired":
        yield model.finding(
            "dependency-retired", (*pointer, "model"), f"model '{name}' is retired, so that it never gets ready",
            help="remove the step, or lead it to what replaces the model",
        )  # fmt: skip
    elif mode not in ONLINE:
        yield model.finding(
            "graph-model-mode", (*pointer, "model"), f"model '{name}' is in mode {mode}, and no InferenceService",
            help="lead the step to a model in mode realtime or edge",
        )  # fmt: skip
    else:
        yield from _protocol(model, pointer, member)


def _protocol(model: ResolvedModel, pointer: Pointer, member: ResolvedModel) -> Iterator[Finding]:
    runtime = runtime_of(member.spec.serving) or Runtime("")
    spoken, called = protocol_of(member.spec.serving, runtime), called_by(member)
    if spoken is None or spoken == called or member.spec.serving.transformer is not None:
        return
    at: Pointer = (*pointer, "model")
    help = f"set serving.protocol of '{member.name}' to {called or 'v1 or v2'}, or choose another runtime for it"
    if called is None:
        message = f"KServe's router speaks v1 and v2 over HTTP, and '{member.name}' speaks {spoken}"
        yield model.finding("graph-protocol", at, message, help=help)
        return
    message = f"KServe's router calls '{member.name}' by protocol {called}, and it speaks {spoken}"
    if runtime.protocols == _BOTH:
        message += "; its server has both, so that requests to the graph are to be written for the first"
        yield model.finding("graph-protocol-other", at, message, help=help, severity=Severity.WARNING)
    else:
        yield model.finding("graph-protocol", at, message, help=help)


def _predictions(model: ResolvedModel, pointer: Pointer, step: GraphStep, protocol: str) -> Iterator[Finding]:
    if step.data == "predictions" and protocol != "v1":
        yield model.finding(
            "graph-predictions", (*pointer, "data"), f"'{step.model}' is called by protocol {protocol}, whose requests "
            "have no instances", help="use protocol v1, or data: response with a transformer",
        )  # fmt: skip


def called_by(member: ResolvedModel) -> str | None:
    """The protocol by which KServe's router calls a model; None where it cannot, or it is not known."""
    serving = member.spec.serving
    if serving.transformer is not None:
        told = {variable.name: variable.value for variable in serving.transformer.env}
        return told.get("PROTOCOL") or "v1"
    runtime = runtime_of(serving) or Runtime("")
    spoken = protocol_of(serving, runtime)
    if not at_least(member.place.spec.components.kserve, SETTINGS_FROM) or not runtime.protocols:
        return spoken if spoken in _CALLED_BY else None
    first = next((protocol for protocol in runtime.protocols if protocol in _CALLED_BY), None)
    return _LISTED_FIRST.get(runtime.name, first)
