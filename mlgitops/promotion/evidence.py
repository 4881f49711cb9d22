"""The evidence of a release: what was measured, on which data, and by what. A JSON file in Git beside the specs. Pure.

``mlgitops evidence add`` and ``mlgitops evaluate`` write it into ``environments/ENV/evidence/MODEL/VERSION.json``. It
travels with its release and is read by the gates. Its digest, in a promotion's trailers, is that of the file's bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import Field, StringConstraints, ValidationError

from mlgitops.spec.fields import Block, Digest, Items, Line, Name, Number, Ratio, Text, Timestamp, Uri, Version
from mlgitops.spec.validation import form_of
from mlgitops.spec.validation import plain as in_plain_words

FORMAT = "mlgitops.dev/evidence/v1"
"""What ``formatVersion`` says."""

SCHEMA_TITLE = "mlgitops evidence"

Count = Annotated[int, Field(ge=0, description="A whole number, 0 or more.")]
Milliseconds = Annotated[float, Field(strict=False, ge=0, allow_inf_nan=False, description="Milliseconds, 0 or more.")]
Measure = Annotated[Number, Field(allow_inf_nan=False)]


class Metric(Block):
    """One number that tells how good the model is. Its name is there once."""

    name: Annotated[Line, Field(description="The metric's name, such as accuracy.")]
    value: Annotated[Measure, Field(description="What was measured.")]
    higher_is_better: Annotated[bool, Field(description="Whether a larger value is a better one.")] = True
    threshold: Annotated[
        Measure | None,
        Field(description="What the training pipeline itself asked for; gates have bounds of their own."),
    ] = None


class Latency(Block):
    """How quickly a served model answered, measured at a client."""

    p50: Annotated[Milliseconds, Field(description="Half of the answers came within this time, in milliseconds.")]
    p95: Annotated[Milliseconds, Field(description="95 of 100 answers came within it, in milliseconds.")]
    p99: Annotated[Milliseconds, Field(description="99 of 100 answers came within it, in milliseconds.")]
    throughput: Annotated[Measure, Field(ge=0, description="Requests answered a second.")]
    error_rate: Annotated[Ratio, Field(description="The share of requests without a right answer, 0 to 1.")]
    requests: Annotated[int, Field(ge=1, description="How many requests were sent.")]
    concurrency: Annotated[int | None, Field(ge=1, description="How many were under way at a time.")] = None


class Gap(Block):
    """How far a metric differs between the groups of an attribute."""

    name: Annotated[Line, Field(description="The metric, such as equal-opportunity; as in governance.fairness.")]
    attribute: Annotated[Line, Field(description="The protected attribute, such as age.")]
    gap: Annotated[Measure, Field(ge=0, description="The largest difference between two groups.")]


class Explainability(Block):
    """How the model's answers can be explained."""

    uri: Annotated[Uri, Field(description="Where the explainer, or the report about it, is.")]
    method: Annotated[Line, Field(description="How, such as shap or anchors.")]


class Tests(Block):
    """How many tests ran, and how they ended: the totals of a JUnit report."""

    passed: Count
    failed: Annotated[int, Field(ge=0, description="Failures and errors.")]
    skipped: Count = 0


class Health(Block):
    """How the release did where it ran."""

    environment: Annotated[Name, Field(description="The environment in which it ran.")]
    state: Annotated[Line, Field(description="How it was at every target, as status says: ready.")]
    since: Annotated[Timestamp, Field(description="Since when it was so everywhere.")]
    observed_at: Annotated[Timestamp, Field(description="When this was seen.")]


class Drift(Block):
    """Whether requests to the release moved away from the data that it was trained on, as the drift job saw it last."""

    environment: Annotated[Name, Field(description="The environment in which it ran.")]
    target: Annotated[Name, Field(description="The target at which it ran.")]
    detected: Annotated[bool, Field(description="Whether a feature has drifted.")]
    features: Annotated[int, Field(ge=1, description="Features that were compared.")]
    drifted_features: Annotated[Count, Field(description="How many of them have drifted.")]
    drifted: Annotated[
        tuple[Line, ...], Items, Field(max_length=100, description="Their names, the furthest first; not all of many.")
    ] = ()
    rows: Annotated[int, Field(ge=1, description="Rows of requests that were compared.")]
    measure: Annotated[Line, Field(description="How far apart was measured: psi, ks or wasserstein.")]
    threshold: Annotated[Measure, Field(ge=0, description="The value above which a feature has drifted.")]
    since: Annotated[Timestamp, Field(description="From when on requests were compared.")]
    observed_at: Annotated[Timestamp, Field(description="Until when: when this was seen.")]


class Source(Block):
    """Where the evidence comes from: something to look it up by."""

    run_id: Annotated[Line | None, Field(description="The run's id at MLflow.")] = None
    uri: Annotated[Uri | None, Field(description="The run, or the endpoint that was asked; never with a login.")] = None
    file: Annotated[Line | None, Field(description="The file's name.")] = None
    digest: Annotated[Digest | None, Field(description="The digest of that file.")] = None


class Evidence(Block):
    """What was measured of one release of one model. Parts that nobody measured are left out."""

    format_version: Annotated[
        Literal["mlgitops.dev/evidence/v1"], Field(description="Always mlgitops.dev/evidence/v1.")
    ]
    model: Name
    version: Version
    release_digest: Annotated[
        Digest | None, Field(description="The digest of the release that it is about, as it was then.")
    ] = None
    artifact_digest: Annotated[Digest | None, Field(description="The digest of the artifact that was measured.")] = None
    data_digest: Annotated[
        Digest | None,
        Field(description="The digest of the data that the metrics were measured on; equal means comparable."),
    ] = None
    data_until: Annotated[Timestamp | None, Field(description="How new the newest training data is.")] = None
    metrics: Annotated[tuple[Metric, ...], Items, Field(max_length=500, description="Metrics, by name.")] = ()
    parameters: Annotated[
        dict[Line, Text], Field(max_length=500, description="What the model was trained with, as text.")
    ] = Field(default_factory=dict)
    latency: Latency | None = None
    fairness: Annotated[tuple[Gap, ...], Items, Field(max_length=200, description="Gaps between groups.")] = ()
    explainability: Explainability | None = None
    card: Annotated[Uri | None, Field(description="The model card.")] = None
    artifact_signature: Annotated[
        str | None,
        StringConstraints(min_length=2, max_length=1 << 20),
        Field(description="The signature of the artifact's files: the Sigstore bundle of model-signing, as JSON text."),
    ] = None
    tests: Tests | None = None
    health: Annotated[tuple[Health, ...], Items, Field(max_length=50, description="How it did, by environment.")] = ()
    drift: Annotated[
        tuple[Drift, ...], Items, Field(max_length=100, description="Whether requests drifted, by target.")
    ] = ()
    source: Annotated[tuple[Source, ...], Items, Field(max_length=50, description="Where all of this is from.")] = ()
    created_at: Annotated[Timestamp, Field(description="When this file was written last.")]


_Named = TypeVar("_Named", Metric, Gap, Health, Drift, Source)


def evidence_path(model: str, version: str) -> str:
    """Where the evidence of a release is, relative to its environment's folder: what ``release.evidence`` names."""
    return f"evidence/{model}/{version}.json"


def read(content: bytes) -> Evidence:
    """The evidence in a file's bytes. Raises ``ValueError`` in plain words, of all that is wrong the first."""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error}") from error
    return checked(data)


def _in_words(detail: Any) -> str:
    """What is wrong with one value. Pydantic's own words for a value's form are a pattern, which few can read."""
    return f"{in_plain_words(detail)}. {form_of(detail)}".rstrip(". ")


def checked(data: Any) -> Evidence:
    """The data as evidence. Raises ``ValueError`` in plain words."""
    if not isinstance(data, dict):
        raise ValueError("it holds no object")
    try:
        evidence = Evidence.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {_in_words(first)}") from error
    for what, keys in _keys(evidence):
        if len(set(keys)) < len(keys):
            raise ValueError(f"{what}: one of them is there twice")
    return evidence


def text(evidence: Evidence) -> bytes:
    """The file: indented JSON, the same bytes for equal evidence."""
    return orjson.dumps(plain(evidence), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def plain(evidence: Evidence) -> dict[str, Any]:
    """The evidence as JSON data, without what is not said."""
    data: dict[str, Any] = evidence.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {key: value for key, value in data.items() if value not in ([], {})}


def merged(old: Evidence | None, new: Evidence) -> Evidence:
    """The new evidence over what was known: parts are replaced, items of lists by what they are about.

    Raises ``ValueError`` where the two are about different releases, or different data.
    """
    if old is None:
        return new
    for name in ("model", "version", "release_digest", "artifact_digest", "data_digest"):
        before, after = getattr(old, name), getattr(new, name)
        if before and after and before != after:
            raise ValueError(f"{_camel(name)} is {before} in the file, and {after} in what is to be added")
    data = {**plain(old), **plain(new), "parameters": {**old.parameters, **new.parameters}}
    for name in ("metrics", "fairness", "health", "drift", "source"):
        items = {_key(item): item for item in (*getattr(old, name), *getattr(new, name))}
        data[name] = [item.model_dump(mode="json", by_alias=True, exclude_none=True) for item in items.values()]
    return checked(data)


def beside(waiting: Evidence, new: Evidence) -> Evidence:
    """The new evidence over what waits to be merged: of drift that both saw at a target, the later counts.

    Raises ``ValueError`` as ``merged``.
    """
    made = merged(waiting, new)
    seen = sorted((*waiting.drift, *new.drift), key=lambda one: datetime.fromisoformat(one.observed_at))
    return made.model_copy(update={"drift": tuple({_key(one): one for one in seen}.values())})


def metrics_of(data: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of evidence as JSON data, by name."""
    return {item["name"]: float(item["value"]) for item in data.get("metrics", ())}


def _keys(evidence: Evidence) -> Iterator[tuple[str, list[Any]]]:
    yield "metrics", [_key(item) for item in evidence.metrics]
    yield "fairness", [_key(item) for item in evidence.fairness]
    yield "health", [_key(item) for item in evidence.health]
    yield "drift", [_key(item) for item in evidence.drift]


def _key(item: _Named) -> Any:
    match item:
        case Metric():
            return item.name
        case Gap():
            return item.name, item.attribute
        case Health():
            return item.environment
        case Drift():
            return item.environment, item.target
    return item.uri, item.file, item.run_id


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
