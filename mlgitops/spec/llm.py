"""Serving of a large language model: what only KServe's LLMInferenceService has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlgitops.spec.fields import Block, Line, Name

Shards = Annotated[int, Field(ge=1, le=64)]


class Parallelism(Block):
    """How one replica uses its accelerators, all on one node: tensor x pipeline x data are as many as it has."""

    tensor: Annotated[Shards, Field(description="Into how many shards each layer is split, 1 to 64.")] = 1
    pipeline: Annotated[
        Shards,
        Field(
            description="Into how many stages the layers are split, 1 to 64. KServe refuses another number once the "
            "model runs."
        ),
    ] = 1
    data: Annotated[Shards, Field(description="How many copies of the model share the requests, 1 to 64.")] = 1
    expert: Annotated[bool, Field(description="Whether a mixture of experts is shared out by its experts.")] = False


class Gateway(Block):
    """A Gateway of the Gateway API that is already in the cluster."""

    name: Annotated[Name, Field(description="The Gateway's name.")]
    namespace: Annotated[Name, Field(description="The Gateway's namespace.")]


class Router(Block):
    """How requests from outside come in: KServe makes an HTTPRoute. May be empty ({}): by KServe's own Gateway."""

    gateway: Annotated[
        Gateway | None, Field(description="Another Gateway than KServe's own. Needs KServe 0.17 or newer.")
    ] = None
    scheduler: Annotated[
        bool,
        Field(
            description="Whether KServe's scheduler chooses the replica for each request, by load and cache. Needs the "
            "Gateway API's inference extension in the cluster."
        ),
    ] = False


class Llm(Block):
    """A language model's name, accelerators and router. Without a router, only the cluster itself reaches the model."""

    name: Annotated[
        Line | None, Field(description="What requests call the model ('model'); its name where this is left out.")
    ] = None
    parallelism: Parallelism = Parallelism()
    router: Router | None = None
