"""Artifacts: files and folders that one step leaves in the cluster's artifact repository and another one reads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.spec.fields import Block, Items, Name, StorageUri

ArtifactType = Annotated[
    Literal["dataset", "model", "metrics", "report", "any"],
    Field(description="What it is. An input takes an output of its own type; any takes, and is taken for, every type."),
]
ArtifactPath = Annotated[
    str,
    StringConstraints(pattern=r"^/[^\x00-\x1f]*[^/\x00-\x1f]$", max_length=1024),
    Field(description="The absolute path of a file or folder in the container, other than its root."),
]
OutputReference = Annotated[
    str,
    StringConstraints(pattern=r"^steps\.[a-z]([-a-z0-9]*[a-z0-9])?\.[a-z]([-a-z0-9]*[a-z0-9])?$"),
    Field(description="An output artifact of another step: steps.STEP.NAME."),
]


class ArtifactOutput(Block):
    """A file or folder that is kept once the step is done. Merged by ``name``."""

    name: Annotated[Name, Field(description="The name, by which other steps read it: steps.STEP.NAME.")]
    type: ArtifactType = "any"
    path: ArtifactPath


class ArtifactInput(Block):
    """A file or folder that is there when the step starts. Merged by ``name``.

    It is either another step's output, which must be done before, or data at a URI, which the Target's storage and the
    pipeline's identity lead to.
    """

    name: Annotated[Name, Field(description="The name, unique among the step's inputs.")]
    type: ArtifactType = "any"
    path: ArtifactPath
    from_: Annotated[
        OutputReference | None, Field(alias="from", description="The output that it is: steps.STEP.NAME.")
    ] = None
    uri: Annotated[StorageUri | None, Field(description="Where the data is, instead of from.")] = None


class StepArtifacts(Block):
    """What a step reads and leaves, by way of the cluster's default artifact repository."""

    inputs: Annotated[tuple[ArtifactInput, ...], Items, Field(description="What is there when the step starts.")] = ()
    outputs: Annotated[tuple[ArtifactOutput, ...], Items, Field(description="What is kept when the step is done.")] = ()
