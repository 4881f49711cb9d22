"""Reads what others measured: metrics in JSON, JUnit, an MLflow run, the drift job's report, the signature
of model-signing, or what ``mlgitops status`` saw. Pure.

Each module turns a file's bytes into fields of evidence, as JSON data. Nothing is guessed: what a file does not say is
left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mlgitops.promotion import model_signature
from mlgitops.promotion.measured import drift, junit, metrics, mlflow_run, status

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """The release that is meant.

    ``environment`` is where it ran, ``now`` the time (RFC 3339). Of the metrics in ``lower_is_better`` a smaller value
    is better; of all others a larger one, where the file itself does not say.
    """

    model: str
    version: str
    release_digest: str
    environment: str
    now: str
    lower_is_better: Collection[str] = ()


def fields_of(content: bytes, about: About) -> Fields:
    """The fields of evidence in a file's bytes, whatever of these it is.

    Raises ``ValueError`` in plain words for what is none of these, or is not about the release.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return {"tests": junit.totals(content)}
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is neither JSON nor XML: {error}") from error
    if not isinstance(data, Mapping):
        raise ValueError("it holds no JSON object")
    if "environments" in data:
        return {"health": status.health(data, about.model, about.release_digest, about.environment, about.now)}
    if data.get("formatVersion") == drift.FORMAT:
        return {"drift": drift.observation(data, about.model, about.release_digest, about.environment)}
    if "dsseEnvelope" in data:
        return {"artifactSignature": orjson.dumps(data).decode(), "artifactDigest": model_signature.claimed(data)}
    if "run" in data:
        return mlflow_run.fields(data, about.lower_is_better)
    return metrics.fields(data, about.lower_is_better)
