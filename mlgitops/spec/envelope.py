"""What all five kinds have in common: metadata, and the envelope of apiVersion, kind, metadata and spec."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mlgitops.spec.fields import Annotations, Block, Labels, Name, Text


class Metadata(Block):
    """Who this object is. Labels and annotations are put on every manifest rendered from it."""

    name: Annotated[
        Name,
        Field(description="The object's name, the same as its file's: 1 to 52 of a-z, 0-9 and '-', a letter first."),
    ]
    labels: Labels = Field(default_factory=dict)
    annotations: Annotations = Field(default_factory=dict)
    description: Annotated[Text | None, Field(description="What this is for, in a sentence; shown in reports.")] = None


class Envelope(Block):
    """The outer form of every file of a project."""

    api_version: Annotated[
        Literal["mlgitops.dev/v1alpha1"], Field(description="The version of the format; always mlgitops.dev/v1alpha1.")
    ]
    metadata: Metadata


class Head(Envelope):
    """An envelope whose spec is not looked into: it is checked once it is merged."""

    kind: str
    spec: Annotated[
        dict[str, Any], Field(description="What the object says; mlgitops explain KIND.spec lists its fields.")
    ]
