from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.promotion.evidence import (
    SCHEMA_TITLE,
    Evidence,
    checked,
    evidence_path,
    merged,
    metrics_of,
    plain,
    read,
    text,
)
from mlgitops.spec.json_schema import DRAFT, of_block
from mlgitops.spec.json_schema import text as schema_text

DIGEST = "sha256:" + "0" * 64
BASE: dict[str, Any] = {
    "formatVersion": "mlgitops.dev/evidence/v1",
    "model": "iris",
    "version": "2.0",
    "createdAt": "2026-01-01T00:00:00Z",
}
WHOLE: dict[str, Any] = {
    **BASE,
    "releaseDigest": DIGEST,
    "dataDigest": DIGEST,
    "metrics": [{"name": "accuracy", "value": 0.9, "higherIsBetter": True, "threshold": 0.8}],
    "parameters": {"depth": "3"},
    "latency": {"p50": 1.0, "p95": 2, "p99": 3.5, "throughput": 9.0, "errorRate": 0.0, "requests": 10},
    "fairness": [{"name": "recall", "attribute": "age", "gap": 0.1}],
    "explainability": {"uri": "s3://x/shap", "method": "shap"},
    "card": "https://example.com/card",
    "tests": {"passed": 3, "failed": 0, "skipped": 0},
    "health": [{"environment": "dev", "state": "ready", "since": "2026-01-01T00:00:00Z",
                "observedAt": "2026-01-02T00:00:00Z"}],
    "source": [{"runId": "7", "uri": "https://example.com/#/runs/7"}],
}  # fmt: skip
SCHEMA = of_block(Evidence, SCHEMA_TITLE)
COMMITTED = Path(__file__).resolve().parents[3] / "schemas" / "evidence.json"


def evidence(**more: Any) -> Evidence:
    return checked({**BASE, **more})


@pytest.mark.parametrize("data", [BASE, WHOLE])
def test_evidence_survives_its_file(data: dict[str, Any]) -> None:
    made = checked(data)
    assert read(text(made)) == made
    assert text(read(text(made))) == text(made)


def test_the_committed_schema_is_what_the_models_say() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(SCHEMA), "stale: make schemas"
    assert SCHEMA["$schema"] == DRAFT
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("data", [BASE, WHOLE])
def test_the_schema_accepts_what_is_written(data: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(text(checked(data))))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": 2.0}, "version: "),
        ({"metrics": [{"name": "a", "value": "high"}]}, "metrics.0.value: "),
        ({"metrics": [{"name": "a", "value": float("nan")}]}, "metrics.0.value: "),
        ({"metrics": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}, "metrics: one of them is there twice"),
        ({"latency": {**WHOLE["latency"], "errorRate": 1.5}}, "latency.errorRate: "),
        ({"fairness": [{"name": "a", "attribute": "b", "gap": -1}]}, "fairness.0.gap: "),
        ({"surprise": 1}, "surprise: "),
        ({"formatVersion": "v2"}, "formatVersion: "),
    ],
)
def test_what_is_no_evidence_is_refused_with_its_place(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        checked({**WHOLE, **change})


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b'{"model": "iris"}', b'"x"'])
def test_bytes_that_are_no_evidence_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_evidence_or_refused_in_words(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert read(content).model


def test_new_evidence_replaces_what_it_is_about_and_keeps_the_rest() -> None:
    old = evidence(
        metrics=[{"name": "a", "value": 1.0}, {"name": "b", "value": 2.0}], card="https://example.com/card",
        parameters={"depth": "3"},
    )  # fmt: skip
    new = evidence(metrics=[{"name": "b", "value": 3.0}], parameters={"rate": "0.1"}, createdAt="2026-02-01T00:00:00Z")
    both = merged(old, new)
    assert metrics_of(plain(both)) == {"a": 1.0, "b": 3.0}
    assert both.parameters == {"depth": "3", "rate": "0.1"}
    assert (both.card, both.created_at) == ("https://example.com/card", "2026-02-01T00:00:00Z")


@pytest.mark.parametrize("field", ["releaseDigest", "artifactDigest", "dataDigest"])
def test_evidence_about_something_else_is_not_mixed_in(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} is sha256:0"):
        merged(evidence(**{field: DIGEST}), evidence(**{field: "sha256:" + "1" * 64}))


def test_each_release_has_a_file_of_its_own() -> None:
    assert evidence_path("iris", "1.10") == "evidence/iris/1.10.json"
