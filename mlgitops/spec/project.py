"""The Project: what holds for the whole repository."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from mlgitops.forges.kinds import address_of, repository_of
from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import (
    Block,
    Cloud,
    DataClass,
    Date,
    Duration,
    EnvironmentVariableName,
    Items,
    LabelKey,
    Line,
    Name,
    Price,
    Quantity,
)
from mlgitops.spec.residency import ResidencyRule, StorageLocation
from mlgitops.tools.git_names import PLAIN_PATH, git_branch


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
    residency: Annotated[
        dict[DataClass, ResidencyRule],
        Field(
            description="Where models may run and their artifacts may lie, by the class of their data "
            "(governance.dataClassification). What the Project says and what the Environment says must both hold."
        ),
    ] = Field(default_factory=dict)


class Forge(Block):
    """Where the project's repository and its pull requests are, and which branch they go into."""

    kind: Annotated[
        Literal["github", "gitlab", "gitea", "forgejo", "azureDevOps", "local"],
        Field(description="The kind of forge; local is a bare repository without any server."),
    ]
    url: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=2048, pattern=r"^\S+$"),
        Field(
            description="Where the forge is: https://HOST, for gitea and forgejo always, for others where it is not "
            "the public one; for local the path of a bare repository, relative to the project's root. Never a login."
        ),
    ] = None
    repository: Annotated[
        Line | None,
        Field(
            description="The repository: owner/name; for gitlab the project's path, group/project; for azureDevOps "
            "organisation/project/repository; nothing for local."
        ),
    ] = None
    branch: Annotated[
        str,
        StringConstraints(pattern=PLAIN_PATH, max_length=200),
        AfterValidator(git_branch),
        Field(description="The protected branch that pull requests go into."),
    ] = "main"
    token_from: Annotated[
        EnvironmentVariableName | None,
        Field(
            description="The name of the environment variable that holds the token, never the token itself. Without "
            "it, the usual one of the forge (GITHUB_TOKEN, GITLAB_TOKEN, GITEA_TOKEN, FORGEJO_TOKEN or "
            "AZURE_DEVOPS_EXT_PAT), then Git's credential helpers."
        ),
    ] = None

    @model_validator(mode="after")
    def _names_a_repository(self) -> Self:
        if self.kind == "local":
            if not self.url or self.repository or self.token_from:
                raise ValueError("kind local takes a url, which is a path, and neither repository nor tokenFrom")
            return self
        repository_of(self.kind, self.repository or "")
        address_of(self.kind, self.url or "")
        return self


class PriceTable(Block):
    """What an hour costs in one cloud, by whose word and since when. Kept by hand, as the contracts say."""

    source: Annotated[Line, Field(description="Where the prices are from: a contract, a price list and its region.")]
    as_of: Annotated[Date, Field(description="The day on which they were looked up, YYYY-MM-DD.")]
    resources: Annotated[
        dict[LabelKey, Price],
        Field(
            min_length=1,
            description="Prices for an hour by name: of one core (cpu), of one GiB (memory), of one accelerator by its "
            "class at the targets (a10g) or, where no price is for the class, by its resource (nvidia.com/gpu).",
        ),
    ]


class Prices(Block):
    """What resources cost, so that plans and pull requests tell what a change costs."""

    currency: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Z]{3}$"),
        Field(description="The currency of all prices, by its ISO 4217 code: EUR, USD."),
    ]
    per_hour: Annotated[
        dict[Cloud, PriceTable], Field(min_length=1, description="Prices for an hour, a table for each cloud.")
    ]


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
    locations: Annotated[
        tuple[StorageLocation, ...],
        Items,
        Field(max_length=500, description="Where buckets and registries are; the longest prefix decides."),
    ] = ()
    forge: Annotated[
        Forge | None,
        Field(description="Where the pull requests of promotions are. Without it, nothing can be promoted."),
    ] = None
    prices: Annotated[
        Prices | None,
        Field(description="What resources cost. Without it, plans tell resources but not their cost."),
    ] = None
    controller: Annotated[
        str | None,
        StringConstraints(max_length=2048, pattern=r"^(https?://[^\s/@?#]+(/[^\s@?#]*)?|kubernetes:[^\s]+)$"),
        Field(
            description="Where mlgitops status --all asks the controller what it knows: http://HOST:PORT, where it "
            "serves /status, or kubernetes:NAMESPACE or kubernetes:CONTEXT/NAMESPACE, where its replicas agree on a "
            "leader. The flag --controller wins over it."
        ),
    ] = None


class Project(Envelope):
    """The file mlgitops.yaml at the root of a project."""

    kind: Annotated[Literal["Project"], Field(description="Always Project.")]
    spec: ProjectSpec
