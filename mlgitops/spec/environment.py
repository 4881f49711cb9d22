"""An Environment: a stage on a release's way, such as dev or prod, and the targets that belong to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Annotations, Block, Items, Labels, Name
from mlgitops.spec.project import Defaults, Policy


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
    promotion: Annotated[
        dict[str, Any] | None, Field(description="Gates that a release must pass to come here. Not supported yet.")
    ] = None


class Environment(Envelope):
    """The file environments/NAME/environment.yaml."""

    kind: Annotated[Literal["Environment"], Field(description="Always Environment.")]
    spec: EnvironmentSpec
