"""A Model: the release that an environment runs, and how it runs there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Block, DataClass, Date, Items, Line, Name, Number, Text, Timestamp, Uri
from mlgitops.spec.monitoring import Monitoring
from mlgitops.spec.release import Release
from mlgitops.spec.rollout import Rollout
from mlgitops.spec.serving import Serving


class FairnessBound(Block):
    """How far a metric may differ between groups. Merged by ``name``."""

    name: Annotated[Name, Field(description="The bound's name.")]
    attribute: Annotated[Line, Field(description="The protected attribute.")]
    max_gap: Annotated[Number, Field(ge=0, description="The most that the metric may differ between groups.")]


class Governance(Block):
    """Who answers for the model, what it may be used for, and under which rules. Written on every manifest."""

    owner: Annotated[
        Line | None, Field(description="The team or person who answers for it, such as a mail address.")
    ] = None
    card: Annotated[Uri | None, Field(description="The model card.")] = None
    runbook: Annotated[Uri | None, Field(description="What to do when an alert is raised; linked in every alert.")] = (
        None
    )
    intended_use: Annotated[Text | None, Field(description="What it is for, and what not.")] = None
    risk: Annotated[
        Literal["minimal", "limited", "high"] | None, Field(description="The risk class, as the EU AI Act names them.")
    ] = None
    data_classification: Annotated[
        DataClass | None,
        Field(
            description="The class of the data that it was trained on and that it sees; policy.residency says where "
            "it may be."
        ),
    ] = None
    licence: Annotated[Line | None, Field(description="The licence as an SPDX identifier, such as Apache-2.0.")] = None
    fairness: Annotated[
        tuple[FairnessBound, ...],
        Items,
        Field(description="Bounds on differences between groups; the fairness gate holds them."),
    ] = ()


class Lifecycle(Block):
    """Where the model is on its way from an idea to retirement."""

    stage: Annotated[
        Literal["experimental", "active", "deprecated", "retired"],
        Field(
            description="experimental: not for prod. active. deprecated: still runs, replacedBy says by what. "
            "retired: renders nothing, so that what runs is removed."
        ),
    ] = "active"
    replaced_by: Annotated[Name | None, Field(description="The model that takes over.")] = None
    sunset: Annotated[Date | None, Field(description="The day on which it is switched off.")] = None


class Hold(Block):
    """Keeps the release as it is: nothing is promoted over it until the hold is taken away."""

    reason: Annotated[Line, Field(description="Why nothing may be promoted over this release.")]
    since: Annotated[Timestamp | None, Field(description="When it was set.")] = None
    by: Annotated[Line | None, Field(description="Who set it.")] = None


class ModelSpec(Block):
    """The release that runs, and how it runs. A base model in models/ is partial and holds no release."""

    targets: Annotated[
        tuple[Name, ...] | None, Items, Field(description="Some of the environment's targets; all when left out.")
    ] = None
    depends_on: Annotated[
        tuple[Name, ...],
        Items,
        Field(
            max_length=50,
            description="Models of the same environment and target that are ready before this one is applied.",
        ),
    ] = ()
    release: Release
    hold: Annotated[
        Hold | None,
        Field(description="Set by a rollback: nothing is promoted over the release; release-hold lifts it."),
    ] = None
    serving: Serving = Serving()
    rollout: Rollout = Rollout()
    monitoring: Monitoring = Monitoring()
    governance: Governance = Governance()
    lifecycle: Lifecycle = Lifecycle()


class Model(Envelope):
    """A file environments/ENVIRONMENT/models/NAME.yaml, or its base models/NAME.yaml."""

    kind: Annotated[Literal["Model"], Field(description="Always Model.")]
    spec: ModelSpec
