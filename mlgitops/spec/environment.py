"""An Environment: a stage on a release's way, such as dev or prod, and the targets that belong to it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Annotations, Block, Items, Labels, Line, Name, Price
from mlgitops.spec.project import Defaults, Policy
from mlgitops.spec.promotion import Promotion
from mlgitops.spec.reconcile import Reconcile

Expression = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    Field(
        description="An expression in CEL, at most 1,000 characters; the live object is called object, and a field "
        "that is not there makes it false: object.status.phase == 'Ready'."
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


class IgnoreRule(Block):
    """Fields of live objects that are left to others: neither compared nor applied once the object is there."""

    kind: Annotated[
        str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,62}$"), Field(description="The kind, such as Deployment.")
    ]
    name: Annotated[Line | None, Field(description="Only the object of this name; all of the kind without it.")] = None
    pointers: Annotated[
        tuple[
            Annotated[str, StringConstraints(pattern=r"^(/[^/]+)+$", max_length=500), Field(description="A pointer.")],
            ...,
        ],
        Items,
        Field(
            description="JSON pointers to the fields: /spec/replicas. An item of a list goes by its index, its name, "
            "or * for all of them; a / within a name is written ~1."
        ),
    ] = ()
    managers: Annotated[
        tuple[Line, ...],
        Items,
        Field(description="Field managers, such as kube-controller-manager; what they own is theirs."),
    ] = ()

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if not (self.pointers or self.managers):
            raise ValueError("give pointers or managers; a rule without either ignores nothing")
        return self


class Budget(Block):
    """What the environment may cost a month, at all of its targets together, by the prices in mlgitops.yaml."""

    monthly: Annotated[Price, Field(description="The most for a month of 730 hours, in the currency of the prices.")]
    replicas: Annotated[
        Literal["fewest", "most"],
        Field(description="Whether what counts is the cost with the fewest replicas or with the most."),
    ] = "fewest"
    level: Annotated[
        Literal["warn", "block"],
        Field(
            description="warn tells; block also keeps out what makes the environment dearer while it is over the "
            "budget: a promotion by the gate budget, an apply by its guard. What makes it cheaper is never kept out."
        ),
    ] = "warn"


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
    ignore: Annotated[
        tuple[IgnoreRule, ...],
        Items,
        Field(max_length=200, description="Fields of live objects that are left to others, such as an autoscaler."),
    ] = ()
    budget: Annotated[Budget | None, Field(description="What all of it may cost a month; no bound where left out.")] = (
        None
    )
    promotion: Annotated[
        Promotion, Field(description="What a release must meet to come here, when it may, and who looks at it.")
    ] = Promotion()
    reconcile: Annotated[
        Reconcile, Field(description="What the controller does here: whether, when, and in which order.")
    ] = Reconcile()


class Environment(Envelope):
    """The file environments/NAME/environment.yaml."""

    kind: Annotated[Literal["Environment"], Field(description="Always Environment.")]
    spec: EnvironmentSpec
