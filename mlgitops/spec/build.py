"""A step that packages code into an image by BuildKit without root."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import IMAGE_PATTERN, Block, SecretKey

BUILT_OUTPUTS = ("digest", "image")
"""The outputs of a step that builds: the digest that was pushed, and the image by that digest."""

RunImage = Annotated[
    str,
    StringConstraints(
        pattern=rf"({IMAGE_PATTERN})|(^\{{\{{ ?steps\.[a-z][-a-z0-9]*\.[a-z][-a-z0-9]* ?\}}\}}$)", max_length=512
    ),
    Field(
        description="A container image, best pinned by digest: registry/repository:tag@sha256:…; or what another step "
        "built: {{steps.STEP.image}}."
    ),
]
GitAddress = Annotated[
    str,
    StringConstraints(pattern=r"^https://[^\s\x00-\x1f#?@{}]+$", max_length=2048),
    Field(description="A Git repository by https, without a login: https://git.example.com/team/code.git."),
]
_REPOSITORY = r"[a-z0-9]([-._a-z0-9]*[a-z0-9])?(:[0-9]+)?(/[-._a-z0-9]+)+"
_TAG = r"([A-Za-z0-9_.-]|\{\{[^{},\x00-\x1f]+\}\})+"
FolderPath = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_][-._A-Za-z0-9]*(/\.?[-_A-Za-z0-9][-._A-Za-z0-9]*)*/?$", max_length=255),
    Field(description="A path within the repository, without '..'."),
]


class Build(Block):
    """Packages code into an image and pushes it, by BuildKit without root, in the step's image (a rootless BuildKit).

    The step's outputs are ``digest`` and ``image`` (with its digest), so that later steps, the training and the
    registration run exactly what was built: ``{{steps.STEP.image}}``.
    """

    repository: GitAddress
    revision: Annotated[
        str,
        StringConstraints(pattern=r"^([-._/A-Za-z0-9]|\{\{[^{}\x00-\x1f]+\}\})+$", max_length=255),
        Field(description="The branch, tag or full commit that is built; may use placeholders."),
    ]
    path: Annotated[FolderPath | None, Field(description="The folder that is built, where it is not the root.")] = None
    dockerfile: Annotated[FolderPath, Field(description="The Dockerfile, relative to that folder.")] = "Dockerfile"
    destination: Annotated[
        str,
        StringConstraints(pattern=rf"^{_REPOSITORY}(:{_TAG})?$", max_length=512),
        Field(description="Where the image goes: registry/repository:tag, whose tag may use placeholders."),
    ]
    args: Annotated[
        dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)], str],
        Field(description="Build arguments (ARG), by name; values may use placeholders. Never a secret."),
    ] = Field(default_factory=dict)
    registry_login: Annotated[
        SecretKey | None,
        Field(description="A Secret's key with a Docker config that may push to the destination: .dockerconfigjson."),
    ] = None
    git_token: Annotated[
        SecretKey | None, Field(description="A Secret's key with a token that may read the repository.")
    ] = None
