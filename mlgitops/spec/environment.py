"""An Environment: a stage on a release's way, such as dev or prod, and the targets that belong to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Annotations, Block, Items, Labels, Name
from mlgitops.spec.project import Defaults, Policy


Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    Field(
        description="An expression in CEL, at most 1,000 characters; the live object is called object, and a field that "
        "is not there makes it false: object.status.phase == 'Ready'."
    ),
]


class HealthRule(Block):
    """When objects of a kind are ready. Goes before the rule that mlgitops may have for that kind."""

    group: Annotated[
        str,
        StringConstraints(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$", max_length=253),
        Field(description="The kind's API group; empty for Kubernetes' core."),
    ] = ""
    kind: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$"),
        Field(description="The kind, such as Certificate."),
    ]
    ready: Annotated[Expression, Field(description="True once the object does what it is for.")]
    failed: Annotated[
        Expression | None, Field(description="True once the object does not get there by itself; goes before ready.")
    ] = None


class EnvironmentSpec(Block):
    """Where the models of this environment run, and what holds for all of them."""

    targets: Annotated[
        tuple[Name, ...],
        Items,
        Field(min_length=1, description="The targets, by name; each is a file under targets/."),
    ]
    namespace: Annotated[
        Name | None, Field(description="The namespace in every target; a target's own namespace where it is left out.")
    ] = None
    labels: Annotated[Labels, Field(description="Labels put on every manifest of the environment.")] = Field(
        default_factory=dict
    )
    annotations: Annotated[Annotations, Field(description="Annotations put on every manifest.")] = Field(
        default_factory=dict
    )
    defaults: Defaults = Defaults()
    policy: Annotated[Policy, Field(description="Rule levels here, over the Project's.")] = Policy()
    health: Annotated[
        tuple[HealthRule, ...],
        Items,
        Field(max_length=50, description="When objects of other kinds are ready, for apply --wait and for status."),
    ] = ()
    promotion: Annotated[
        dict[str, Any] | None, Field(description="Gates that a release must pass to come here. Not supported yet.")
    ] = None


class Environment(Envelope):
    """The file environments/NAME/environment.yaml."""

    kind: Annotated[Literal["Environment"], Field(description="Always Environment.")]
    spec: EnvironmentSpec
