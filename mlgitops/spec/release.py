"""A release: the one block that travels from environment to environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mlgitops.manifest import digest
from mlgitops.spec.fields import Block, Digest, Image, Items, Line, StorageUri, Timestamp, Uri, Version

Datatype = Literal[
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
    "FP16", "FP32", "FP64", "BF16", "BYTES",
]  # fmt: skip


class Artifact(Block):
    """The trained model's files."""

    uri: Annotated[
        StorageUri,
        Field(
            description="Where the files are, as KServe reads them (s3, gs, hf, hdfs, https, pvc, oci) or as a cloud "
            "names them (az, abfs, abfss, wasbs); store://NAME/PATH is looked up in the Target's storage."
        ),
    ]
    digest: Annotated[
        Digest | None, Field(description="The digest of the artifact's content; proves that it is the same everywhere.")
    ] = None


class Framework(Block):
    """What the model was made with."""

    name: Annotated[Line, Field(description="The framework, such as scikit-learn or pytorch.")]
    version: Annotated[Version | None, Field(description='Its version, in quotes ("1.10").')] = None


class Tensor(Block):
    """One input or output, in the terms of the Open Inference Protocol."""

    name: Annotated[Line, Field(description="The tensor's name, at most 253 characters.")]
    datatype: Annotated[Datatype, Field(description="The Open Inference Protocol's name of the element type.")]
    shape: Annotated[
        tuple[Annotated[int, Field(ge=-1)], ...], Items, Field(description="The dimensions; -1 for any size.")
    ]


class Signature(Block):
    """What goes in and what comes out. Two releases can replace each other when theirs are compatible."""

    inputs: Annotated[tuple[Tensor, ...], Items, Field(description="The tensors that a request holds.")] = ()
    outputs: Annotated[tuple[Tensor, ...], Items, Field(description="The tensors that a response holds.")] = ()


class Release(Block):
    """One trained version of a model, with its lineage. It exists only in an environment's file, and a promotion
    copies it unchanged to the next environment."""

    version: Annotated[Version, Field(description='The release\'s version, in quotes ("1.10"), at most 63 characters.')]
    artifact: Artifact
    framework: Framework | None = None
    image: Annotated[
        Image | None, Field(description="The image that serves or scores it, where the runtime's own does not do.")
    ] = None
    signature: Signature | None = None
    training_run: Annotated[Line | None, Field(description="The run that made it: a URL or an identifier.")] = None
    source_commit: Annotated[
        str | None,
        StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$"),
        Field(description="The full Git commit of the training code."),
    ] = None
    data_digest: Annotated[Digest | None, Field(description="The digest of the training data.")] = None
    reference: Annotated[
        StorageUri | None,
        Field(
            description="The training data or a sample of it, which requests are compared with: a CSV file with a head "
            "line, or requests as JSON, one a line."
        ),
    ] = None
    trained_at: Annotated[Timestamp | None, Field(description="When training ended; staleness counts from here.")] = (
        None
    )
    registered: Annotated[
        str | None,
        StringConstraints(pattern=r"^(mlflow|kubeflow):models:/[^/@:?#\x00-\x1f]+/[\w.+-]+$", max_length=400),
        Field(description="The version in a model registry: mlflow:models:/NAME/VERSION, or kubeflow:models:/…"),
    ] = None
    sbom: Annotated[
        Uri | None, Field(description="The software bill of materials: where it is, never with a login.")
    ] = None
    evidence: Annotated[
        str | None,
        StringConstraints(pattern=r"^[A-Za-z0-9][-._/A-Za-z0-9]*\.json$", max_length=255),
        Field(description="The evidence file, relative to the environment's folder."),
    ] = None


def release_digest(release: Release) -> str:
    """The digest of a release block: what travels, and nothing else. Comments and quotes do not count."""
    return digest(release.model_dump(mode="json", by_alias=True, exclude_none=True))
