"""Rules about the shape of an inference graph: what KServe would refuse, and what its router would not do. Pure.

The webhook's rules are those of ``pkg/apis/serving/v1alpha1/inference_graph_validation.go``, the same in KServe
v0.15.2, v0.16.0 and v0.17.0. Of a field that stands where it does nothing the webhook says no word; which those are is
what ``cmd/router/main.go`` reads. The models that it leads to are looked at in ``graph_models``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mlgitops.check import components, resources, scaling
from mlgitops.check.graph import find_cycle
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding, Severity
from mlgitops.spec.inference_graph import GraphNode, GraphStep
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE, Graph, Resources

POLICY_CODES = frozenset({"splitter-drops-requests"})

ROOT = "root"
"""The node that a request begins at."""
ALL = 100
"""What the weights of a splitter total."""
SETTINGS_FROM = "0.16"
"""The first KServe whose graphs have ``routerTimeouts`` and ``mapPredictionsToInstances``."""

_AT: Pointer = ("serving", "graph")
_READ_BY = {
    "data": ("sequence",),
    "weight": ("splitter",),
    "condition": ("switch", "sequence"),
    "dependency": ("sequence", "ensemble"),
}
"""The kinds of nodes that read a field of their steps."""


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about a model's graph, or about one in a mode that has none."""
    serving = model.spec.serving
    if serving.graph is None:
        return
    if serving.mode not in ONLINE:
        yield model.finding(
            "graph-not-used", _AT, f"serving.graph is for modes {' and '.join(ONLINE)}; the mode is {serving.mode}",
            help="set serving.mode to realtime, or remove serving.graph",
        )  # fmt: skip
        return
    yield from _router(model, serving.graph)
    yield from _names(model, serving.graph.nodes)
    for index, node in enumerate(serving.graph.nodes):
        yield from _node(model, (*_AT, "nodes", index), node)
    yield from _ways(model, serving.graph.nodes)


def router_resources(graph: Graph) -> Resources:
    """What one replica of the router asks for, as for every other container."""
    return Resources.model_validate(graph.resources.model_dump(by_alias=True))


def _router(model: ResolvedModel, graph: Graph) -> Iterator[Finding]:
    yield from resources.check(model, (*_AT, "resources"), router_resources(graph))
    yield from scaling.check_part(model, (*_AT, "scaling"), graph.scaling)
    if graph.timeout is not None:
        yield from components.check(model, (*_AT, "timeout"), "kserve", SETTINGS_FROM, "a graph's own timeout")


def _names(model: ResolvedModel, nodes: Sequence[GraphNode]) -> Iterator[Finding]:
    known = [node.name for node in nodes]
    if ROOT not in known:
        yield model.finding(
            "graph-root-missing", (*_AT, "nodes"), f"no node is named '{ROOT}', which is where a request begins",
            help=f"name the first node '{ROOT}'",
        )  # fmt: skip
    for name in _repeated(known):
        yield model.finding(
            "duplicate-node", (*_AT, "nodes", _last(known, name), "name"), f"there are two nodes named '{name}'",
            help="rename one",
        )  # fmt: skip


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if name and times > 1]


def _last(names: Sequence[str], name: str) -> int:
    return len(names) - 1 - names[::-1].index(name)


def _node(model: ResolvedModel, pointer: Pointer, node: GraphNode) -> Iterator[Finding]:
    titles = [step.title for step in node.steps]
    for title in _repeated(titles):
        yield model.finding(
            "duplicate-graph-step", (*pointer, "steps", _last(titles, title)),
            f"two steps of node {node.name} are named '{title}'", help="give each a name of its own with name",
        )  # fmt: skip
    for index, step in enumerate(node.steps):
        yield from _step(model, (*pointer, "steps", index), node, step)
    if node.kind == "splitter":
        yield from _weights(model, pointer, node)
        yield from _dropped(model, pointer)
    if node.steps[0].data != "request" and node.kind == "sequence":
        yield model.finding(
            "graph-field-unused", (*pointer, "steps", 0, "data"), "there is no step before the first, whose response "
            "it could get", help="remove data",
        )  # fmt: skip


def _step(model: ResolvedModel, pointer: Pointer, node: GraphNode, step: GraphStep) -> Iterator[Finding]:
    if (step.model is None) == (step.node is None):
        given = "neither a model nor a node" if step.model is None else "both a model and a node"
        yield model.finding(
            "graph-step-target", pointer, f"the step leads to {given}", help="give exactly one of model and node"
        )
    if node.kind == "switch" and step.condition is None:
        yield model.finding(
            "graph-condition-missing", pointer, f"node {node.name} is a switch, which never takes a step without a "
            "condition", help="add condition: a path in the request that has to be there",
        )  # fmt: skip
    for field, kinds in _READ_BY.items():
        if getattr(step, field) not in (None, "request") and node.kind not in kinds:
            yield model.finding(
                "graph-field-unused", (*pointer, field), f"{field} does nothing in a node of kind {node.kind}",
                help=f"remove it; it is for {' and '.join(kinds)}",
            )  # fmt: skip
    if step.data == "predictions":
        need = "data: predictions"
        yield from components.check(model, (*pointer, "data"), "kserve", SETTINGS_FROM, need)


def _weights(model: ResolvedModel, pointer: Pointer, node: GraphNode) -> Iterator[Finding]:
    missing = [index for index, step in enumerate(node.steps) if step.weight is None]
    for index in missing:
        yield model.finding(
            "graph-weights", (*pointer, "steps", index), f"the step of splitter {node.name} has no weight",
            help=f"add weight; all of them total {ALL}",
        )  # fmt: skip
    total = sum(step.weight or 0 for step in node.steps)
    if not missing and total != ALL:
        yield model.finding(
            "graph-weights", (*pointer, "steps"), f"the weights of splitter {node.name} total {total}, not {ALL}",
            help=f"change them so that they total {ALL}",
        )  # fmt: skip


def _dropped(model: ResolvedModel, pointer: Pointer) -> Iterator[Finding]:
    """``pickupRoute`` draws one of 101 numbers for 100 places, and the last one leads to no step."""
    yield model.finding(
        "splitter-drops-requests", (*pointer, "kind"),
        "the splitter of KServe 0.15 to 0.17 breaks off one request in 101, since it draws a number too many",
        help="have callers try again, or split with rollout or an HTTPRoute; to accept it, set "
        "policy.rules.splitter-drops-requests to 'off'", severity=Severity.WARNING,
    )  # fmt: skip


def _ways(model: ResolvedModel, nodes: Sequence[GraphNode]) -> Iterator[Finding]:
    """Nodes that are not there, that lead back to themselves, and that nothing leads to."""
    leads_to = {node.name: [step.node for step in node.steps if step.node] for node in nodes}
    for index, node in enumerate(nodes):
        for at, step in enumerate(node.steps):
            if step.node is not None and step.node not in leads_to:
                pointer: Pointer = (*_AT, "nodes", index, "steps", at, "node")
                yield unknown_name(model, pointer, "node", step.node, leads_to, "this graph")
    if cycle := find_cycle(leads_to):
        yield model.finding(
            "graph-cycle", (*_AT, "nodes"), f"these nodes lead to each other for ever: {' -> '.join(cycle)}",
            help="have one of them lead to a model",
        )  # fmt: skip
    reached = {ROOT, *(name for names in leads_to.values() for name in names)}
    for index, node in enumerate(nodes):
        if node.name not in reached:
            yield model.finding(
                "graph-node-unused", (*_AT, "nodes", index, "name"), f"nothing leads to node '{node.name}'",
                help="lead a step to it, or remove it", severity=Severity.WARNING,
            )  # fmt: skip
