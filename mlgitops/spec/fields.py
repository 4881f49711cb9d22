"""Field types shared by the five kinds: their formats, units and bounds, and the base class of every block.

Every type says in its description what it accepts, so that ``explain``, the JSON Schemas and error messages agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel


class Block(BaseModel):
    """A block of a spec: frozen, strict about types, refuses unknown fields, camelCase in YAML."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
    )


def _number_as_text(value: Any) -> Any:
    """Quantities may be written as YAML numbers (``cpu: 2``); booleans may not."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _list_as_tuple(value: Any) -> Any:
    """YAML has lists; frozen blocks hold tuples."""
    return tuple(value) if isinstance(value, list) else value


Items = BeforeValidator(_list_as_tuple, json_schema_input_type=list)

Name = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=52),
    Field(
        description="A name: lower-case letters, digits and '-', starting with a letter, at most 52 characters "
        "(Argo's limit for a CronWorkflow, so that every object made from it is accepted)."
    ),
]
Version = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9]([-+._A-Za-z0-9]*[A-Za-z0-9])?$", max_length=63),
    Field(description='A version, always in quotes ("1.10"), at most 63 characters of letters, digits and -+._'),
]
ComponentVersion = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]+\.[0-9]+(\.[0-9]+)?([-+][-+.A-Za-z0-9]+)?$"),
    Field(description='The installed version of a component, in quotes ("0.16.0"), without a leading v.'),
]
Digest = Annotated[
    str,
    StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$"),
    Field(
        description="A content digest: 'sha256:' and 64 lower-case hexadecimal digits.",
        examples=["sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"],
    ),
]
Duration = Annotated[
    str,
    StringConstraints(pattern=r"^([1-9][0-9]*(ms|s|m|h|d))+$"),
    Field(
        description="A length of time as whole numbers with units ms, s, m, h, d: 250ms, 30s, 1h30m, 7d.",
        examples=["30s", "1h30m", "7d"],
    ),
]
Quantity = Annotated[
    str,
    BeforeValidator(_number_as_text, json_schema_input_type=str | int | float),
    StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"),
    Field(description="A Kubernetes quantity of a resource: 500m, 2, 1.5, 512Mi, 4Gi.", examples=["500m", "2", "4Gi"]),
]
IMAGE_PATTERN = (
    r"^[a-z0-9]([-._a-z0-9]*[a-z0-9])?(:[0-9]+)?(/[-._a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
    r"(@sha256:[0-9a-f]{64})?$"
)
Image = Annotated[
    str,
    StringConstraints(pattern=IMAGE_PATTERN, max_length=512),
    Field(
        description="A container image, best pinned by digest: registry/repository:tag@sha256:…",
        examples=["registry.example.com/team/trainer:1.2"],
    ),
]
Uri = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9+.-]*://[^\s\x00-\x1f]+$", max_length=2048),
    Field(description="A URI with a scheme, without white space.", examples=["https://docs.example.com/models/iris"]),
]
StorageUri = Annotated[
    str,
    StringConstraints(
        pattern=r"^(s3|gs|hf|hdfs|https?|pvc|oci|az|abfs|abfss|wasbs|store)://[^\s\x00-\x1f]+$", max_length=2048
    ),
    Field(
        description="Where an artifact is: s3, gs, hf, hdfs, https, pvc or oci as KServe reads them; az, abfs, abfss "
        "and wasbs are rewritten to the https form that KServe needs; store://NAME/PATH is looked up in the "
        "Target's storage, so that the same spec works in every cloud.",
        examples=["s3://models/iris/1.0", "store://models/iris/1.0"],
    ),
]
Cron = Annotated[
    str,
    StringConstraints(pattern=r"^(@(hourly|daily|weekly|monthly|yearly)|(\S+\s+){4}\S+)$"),
    Field(
        description="A cron expression of five fields (minute hour day month weekday), or @daily and the like.",
        examples=["0 3 * * 1", "@daily"],
    ),
]
Cloud = Literal["aws", "gcp", "azure", "onprem"]
DataClass = Literal["public", "internal", "confidential", "restricted"]
Percent = Annotated[float, Field(ge=0, le=100, strict=False, description="A percentage, 0 to 100.")]
Ratio = Annotated[float, Field(ge=0, le=1, strict=False, description="A share, 0 to 1.")]
Number = Annotated[float, Field(strict=False, description="A number.")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=253, pattern=r"^[^\x00-\x1f]*$")]
Timestamp = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"
    ),
    Field(description="A point in time as RFC 3339 with a zone: 2026-11-24T08:00:00Z."),
]
Date = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    Field(description="A day as YYYY-MM-DD."),
]
Price = Annotated[
    str,
    BeforeValidator(_number_as_text, json_schema_input_type=str | int | float),
    StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$"),
    Field(description="A price as a decimal number without a sign or a currency: 0.0416."),
]
LabelValue = Annotated[
    str,
    StringConstraints(pattern=r"^([A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?)?$", max_length=63),
    Field(description="A label's value: letters, digits and -._ within, at most 63 characters, or empty."),
]
LabelKey = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$", max_length=317
    ),
    Field(description="A label's key: a name of letters, digits and -._ within, with a domain and '/' before or not."),
]
Labels = Annotated[dict[LabelKey, LabelValue], Field(description="Kubernetes labels.")]
Annotations = Annotated[
    dict[LabelKey, Annotated[str, Field(description="An annotation's value.")]],
    Field(description="Kubernetes annotations."),
]
EnvironmentVariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]


def _forms(types: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for kind in types:
        parts = getattr(kind, "__metadata__", ())
        patterns = [part.pattern for part in parts if isinstance(part, StringConstraints)]
        words = [part.description for part in parts if getattr(part, "description", None)]
        yield from ((str(pattern), words[0]) for pattern in patterns if pattern and words)


FORMS = dict(_forms((ComponentVersion, Cron, Date, Digest, Duration, Image, Name, Price, Quantity, Timestamp, Version)))
"""From a pattern to its words, for a message about a field whose own description says only what it is for."""


class ExternalKey(Block):
    """Where the value of a Secret's key is kept: an entry of the Target's secret store. Never the value."""

    key: Annotated[Line, Field(description="The entry's name or path in the store.")]
    property: Annotated[Line | None, Field(description="The field within the entry, where it has several.")] = None
    version: Annotated[Line | None, Field(description="The entry's version; its latest where this is left out.")] = None


class SecretKey(Block):
    """A key of a Secret in the namespace: one that is there already, or that an ExternalSecret makes."""

    secret: Annotated[Name, Field(description="The Secret's name.")]
    key: Annotated[Line, Field(description="The key within the Secret.")]
    external: Annotated[
        ExternalKey | None,
        Field(description="Has an ExternalSecret make this key of the Secret, from the Target's secretStore."),
    ] = None
