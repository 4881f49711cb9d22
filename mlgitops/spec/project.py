"""The Project: what holds for the whole repository."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Block, Duration, Items, Name, Quantity


class Defaults(Block):
    """Values for every model and pipeline that do not say otherwise. Partial specs: any field may be left out."""

    model: Annotated[
        dict[str, Any], Field(description="A partial Model spec, merged under every model. Cannot hold a release.")
    ] = Field(default_factory=dict)
    pipeline: Annotated[dict[str, Any], Field(description="A partial Pipeline spec, merged under every pipeline.")] = (
        Field(default_factory=dict)
    )


class Kustomize(Block):
    """How the overlay of an environment is built, and within which bounds."""

    batch_size: Annotated[
        int,
        Field(
            ge=1,
            le=5000,
            description="Objects a build, 1 to 5000. The cost of one build grows with the square of its objects.",
        ),
    ] = 100
    timeout: Annotated[Duration, Field(description="The longest that one build may take.")] = "90s"
    memory: Annotated[Quantity, Field(description="The most memory that one build may use, in bytes.")] = "2Gi"


class Render(Block):
    """Settings of rendering."""

    kustomize: Kustomize = Kustomize()


RuleLevel = Literal["error", "warning", "off"]


class Policy(Block):
    """How strictly the rules about models are held."""

    rules: Annotated[
        dict[str, RuleLevel],
        Field(
            description="The level of a rule by its code (docs/findings.md): error, warning or off. Only rules that "
            "are a matter of policy can be changed; what a platform would refuse stays an error."
        ),
    ] = Field(default_factory=dict)


class ProjectSpec(Block):
    """What holds for the whole repository: environments in order of promotion, defaults, policy."""

    environments: Annotated[
        tuple[Name, ...],
        Items,
        Field(
            min_length=1,
            description="The environments in the order in which a release travels, first to last. Each is a folder "
            "under environments/.",
        ),
    ]
    defaults: Defaults = Defaults()
    render: Render = Render()
    policy: Policy = Policy()
    forge: Annotated[
        dict[str, Any] | None, Field(description="The forge that holds the pull requests. Not supported yet.")
    ] = None


class Project(Envelope):
    """The file mlgitops.yaml at the root of a project."""

    kind: Annotated[Literal["Project"], Field(description="Always Project.")]
    spec: ProjectSpec
