"""How a new release takes over from the one before."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from mlgitops.spec.fields import Block, Duration, Items, Number, Text
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


class RolloutStep(Block):
    """One step of a rollout: what the new release gets, and for how long it has to do well."""

    weight: Annotated[
        int, Field(ge=0, le=100, description="Percent of the requests that the new release answers, 0 to 100.")
    ] = 0
    mirror: Annotated[
        int | None,
        Field(
            ge=1,
            le=100,
            description="Percent of the requests that are copied to it, 1 to 100; its answers go nowhere.",
        ),
    ] = None
    hold: Annotated[Duration, Field(description="For how long all measures must have held at this step.")]

    @model_validator(mode="after")
    def _exposed(self) -> Self:
        if not self.weight and self.mirror is None:
            raise ValueError("the new release gets nothing at this step: give weight or mirror")
        return self


_NEEDS = {"latency": "threshold", "predictions": "histogram", "query": "query"}
"""By what is measured, the field that it takes and nothing else does."""


class Measure(Block):
    """What is measured of both releases. Merged by ``name``. At least one bound is given."""

    name: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", max_length=63),
        Field(description="Its name: at most 63 of a-z, 0-9 and '-', a letter first."),
    ]
    of: Annotated[
        Literal["errors", "latency", "predictions", "query"],
        Field(
            description="errors: percent of the requests that fail. latency: percent of them that take longer than "
            "threshold. predictions: how far the distributions of both releases are apart in histogram (population "
            "stability index). query: the value of a PromQL expression of your own."
        ),
    ]
    threshold: Annotated[Duration | None, Field(description="For latency: the time within which to answer.")] = None
    histogram: Annotated[
        str | None,
        StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$", max_length=200),
        Field(description="For predictions: the Prometheus histogram of what the model answers, without _bucket."),
    ] = None
    query: Annotated[
        Text | None,
        Field(
            description="For query: a PromQL expression with one value, in which $version, $model, $namespace and "
            "$window stand for those of the release that is asked about."
        ),
    ] = None
    max: Annotated[Number | None, Field(allow_inf_nan=False, description="The most that the new release may have.")] = (
        None
    )
    min: Annotated[
        Number | None, Field(allow_inf_nan=False, description="The least that the new release may have.")
    ] = None
    max_ratio: Annotated[
        Number | None,
        Field(gt=0, allow_inf_nan=False, description="The most that it may have of what the stable release has: 1.2."),
    ] = None
    min_ratio: Annotated[
        Number | None,
        Field(gt=0, allow_inf_nan=False, description="The least that it may have of what the stable one has: 0.95."),
    ] = None

    @model_validator(mode="after")
    def _measurable(self) -> Self:
        for of, field in _NEEDS.items():
            given = getattr(self, field) is not None
            if given and self.of != of:
                raise ValueError(f"{field} is for measures of {of}: remove it")
            if self.of == of and not given:
                raise ValueError(f"of: {of} takes {field}: add it")
        relative = self.max_ratio is not None or self.min_ratio is not None
        if not (relative or self.max is not None or self.min is not None):
            raise ValueError("give a bound: max, min, maxRatio or minRatio")
        if relative and self.of == "predictions":
            raise ValueError("predictions compares both releases already: give max")
        return self


class Analysis(Block):
    """How the two releases are compared while a step lasts.

    What cannot be measured (no answer, no number, too few requests, old samples) counts neither way: the step lasts
    longer, and nothing goes on.
    """

    interval: Annotated[Duration, Field(description="How often it is measured.")] = "1m"
    window: Annotated[Duration, Field(description="The time over which requests are counted.")] = "5m"
    failures: Annotated[
        int,
        Field(ge=1, le=100, description="After so many measurements in a row outside a bound the rollout is aborted."),
    ] = 2
    requests: Annotated[
        int,
        Field(
            ge=1,
            description="The least requests to the new release in the window for a measurement to count, and to the "
            "stable one where both are compared.",
        ),
    ] = 20
    counted: Annotated[
        Text | None,
        Field(
            description="A PromQL expression for the requests to a release in the window, with $version and so on as "
            "in a measure's query; what the serving runtime exports where it is left out."
        ),
    ] = None
    measures: Annotated[tuple[Measure, ...], Items, Field(min_length=1, max_length=20, description="What is measured.")]


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
        tuple[RolloutStep, ...],
        Items,
        Field(
            max_length=50,
            description="canary: by which steps the controller exposes the new release, instead of canary.weight. "
            "After the last one it answers all requests.",
        ),
    ] = ()
    analysis: Annotated[
        Analysis | None,
        Field(description="With steps: what is measured of both releases. Without it time alone counts."),
    ] = None
