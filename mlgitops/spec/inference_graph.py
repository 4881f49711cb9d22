"""An inference graph: how a request is led through several models, as KServe's router does it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import Block, Items, Name, Quantity

NodeKind = Literal["sequence", "ensemble", "switch", "splitter"]
Condition = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=1000)]


class GraphStep(Block):
    """Where a node leads: to a model or to another node, of which exactly one is given."""

    name: Annotated[
        Name | None,
        Field(
            description="The step's name, by which an ensemble's answer has its part; the model's or node's where it "
            "is left out."
        ),
    ] = None
    model: Annotated[
        Name | None,
        Field(description="A Model of the same environment and target, in mode realtime or edge; also this one."),
    ] = None
    node: Annotated[Name | None, Field(description="Another node of this graph.")] = None
    data: Annotated[
        Literal["request", "response", "predictions"],
        Field(
            description="In a sequence, what the step gets: the request, the response of the step before, or that "
            "response with its predictions as instances (protocol v1; KServe 0.16 or newer)."
        ),
    ] = "request"
    weight: Annotated[
        int | None, Field(ge=0, le=100, description="In a splitter, the percentage of requests; they total 100.")
    ] = None
    condition: Annotated[
        Condition | None,
        Field(
            description="A path in the syntax of GJSON that has to be there: in a switch in the request, whose first "
            "step that fits is taken; in a sequence in the response of the step before, which else is the answer."
        ),
    ] = None
    dependency: Annotated[
        Literal["soft", "hard"] | None,
        Field(
            description="In a sequence or an ensemble. hard: where the step fails, its failure is the answer. soft, "
            "as where it is left out: the node goes on."
        ),
    ] = None

    @property
    def title(self) -> str:
        """The name, given or taken from where the step leads; empty where it leads nowhere."""
        return self.name or self.model or self.node or ""


class GraphNode(Block):
    """A node: its kind says which of its steps a request takes. Merged by ``name``."""

    name: Annotated[Name, Field(description="The node's name. A request begins at the node root.")]
    kind: Annotated[
        NodeKind,
        Field(
            description="sequence: one step after the other. ensemble: all at once, their answers put together. "
            "switch: the first whose condition holds. splitter: one at random, by weights."
        ),
    ]
    steps: Annotated[
        tuple[GraphStep, ...], Items, Field(min_length=1, max_length=50, description="Where it leads, 1 to 50.")
    ]


class RouterResources(Block):
    """What one replica of the graph's router asks for."""

    cpu: Annotated[Quantity, Field(description="Cores that are reserved: 100m, 1.")] = "100m"
    cpu_limit: Annotated[Quantity | None, Field(description="Cores that may be used; equal to cpu when left out.")] = (
        None
    )
    memory: Annotated[Quantity, Field(description="Memory in bytes: 128Mi, 1Gi.")] = "128Mi"
