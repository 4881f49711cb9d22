"""How a new release takes over from the one before."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mlgitops.spec.fields import Block, Items
from mlgitops.spec.release import Release

PROGRESSIVE = ("canary", "shadow", "blueGreen")
"""The strategies in which two releases run side by side."""


class Canary(Block):
    """The new release answers a share of the requests."""

    weight: Annotated[
        int, Field(ge=0, le=100, description="Percent of the requests that the new release answers, 0 to 100.")
    ] = 0


class Shadow(Block):
    """The new release gets copies of requests, and nobody gets its answers."""

    percent: Annotated[int, Field(ge=1, le=100, description="Percent of the requests that are copied, 1 to 100.")] = 100


class BlueGreen(Block):
    """One of the two releases answers all requests."""

    active: Annotated[
        Literal["stable", "new"],
        Field(description="Which one answers: stable (rollout.stable) or new (spec.release)."),
    ] = "stable"


class Rollout(Block):
    """How a new release takes over from the one before."""

    strategy: Annotated[
        Literal["rolling", "recreate", "canary", "shadow", "blueGreen"],
        Field(
            description="rolling: replicas are replaced a few at a time. recreate: all at once, for one accelerator "
            "that cannot be held twice. The others run two releases side by side, in mode realtime, where stable is "
            "given. canary: the new one answers a share of the requests. shadow: it gets copies of them. blueGreen: "
            "one of both answers all."
        ),
    ] = "rolling"
    stable: Annotated[
        Release | None,
        Field(
            description="canary, shadow, blueGreen: the release that keeps the other requests, while spec.release is "
            "the new one. Removing it ends the rollout: spec.release alone runs."
        ),
    ] = None
    canary: Annotated[
        Canary | None, Field(description="For strategy canary; without it the new release answers no requests.")
    ] = None
    shadow: Annotated[Shadow | None, Field(description="For strategy shadow; without it all requests are copied.")] = (
        None
    )
    blue_green: Annotated[
        BlueGreen | None, Field(description="For strategy blueGreen; without it the stable release answers.")
    ] = None
    max_surge: Annotated[
        int, Field(ge=0, le=100, description="Replicas more than asked while they are replaced, 0 to 100.")
    ] = 1
    max_unavailable: Annotated[
        int, Field(ge=0, le=100, description="Replicas fewer than asked while they are replaced, 0 to 100.")
    ] = 0
    steps: Annotated[
        tuple[dict[str, Any], ...], Items, Field(description="Weights and hold times. Not supported yet.")
    ] = ()
    analysis: Annotated[
        dict[str, Any] | None, Field(description="Live comparison with the release before. Not supported yet.")
    ] = None
