from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import drift
from mlgitops.check.drift import LONGEST_NAME

DIGEST = "sha256:" + "0123456789abcdef" * 4
SINK = {"url": "http://sink.example.com", "location": "s3://example-logs/fraud"}
DRIFT: dict[str, Any] = {"image": f"example.com/jobs@{DIGEST}"}
REFERENCE = {"reference": "s3://example-data/fraud/train.csv"}
PUSHGATEWAY = {"pushgateway": "http://pushgateway.monitoring:9091"}


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """Codes and pointers of the findings about a model that is watched for drift, with changes."""

    def found(drift_block: dict[str, Any] | None = None, sink: Any = SINK, **changes: Any) -> Any:
        target = {**PUSHGATEWAY, **changes.pop("target", {})}
        release = {**REFERENCE, **changes.pop("release", {})}
        watched = {"drift": {**DRIFT, **(drift_block or {})}, "payloadSink": sink}
        findings = drift.check(resolved_model(target=target, release=release, monitoring=watched, **changes))
        return [(finding.code, finding.pointer) for finding in findings]

    return found


def test_a_model_that_is_watched_as_it_should_be_has_no_findings(places: Any, resolved_model: Any) -> None:
    assert places() == []
    assert list(drift.check(resolved_model())) == []


@pytest.mark.parametrize(
    ("code", "pointer", "changes"),
    [
        ("drift-not-measurable", "spec.monitoring.drift", {"sink": None}),
        ("drift-not-measurable", "spec.monitoring.payloadSink.mode", {"sink": {**SINK, "mode": "response"}}),
        ("drift-not-measurable", "spec.monitoring.drift", {"release": {"reference": None}}),
        ("drift-not-measurable", "spec.release.reference", {"release": {"reference": "oci://example.com/data"}}),
        ("unknown-storage", "spec.release.reference", {"release": {"reference": "store://nowhere/x"}}),
        ("unknown-storage", "spec.monitoring.payloadSink.location", {"sink": {**SINK, "location": "store://no/x"}}),
        ("unknown-placeholder", "spec.release.reference", {"release": {"reference": "s3://x/{{y}}"}}),
        ("component-missing", "spec.monitoring.drift", {"target": {"components": {"argoWorkflows": None}}}),
        ("pushgateway-missing", "spec.monitoring.drift", {"target": {"pushgateway": None}}),
        ("image-not-pinned", "spec.monitoring.drift.image", {"drift_block": {"image": "example.com/jobs:1"}}),
        ("invalid-cron", "spec.monitoring.drift.schedule", {"drift_block": {"schedule": "61 * * * *"}}),
        ("invalid-timezone", "spec.monitoring.drift.timezone", {"drift_block": {"timezone": "Mars"}}),
        ("unknown-identity", "spec.monitoring.drift.identity", {"drift_block": {"identity": "nobody"}}),
        (
            "logger-twice", "spec.serving.logger",
            {"serving": {"logger": {"url": "http://sink.example.com"}}},
        ),
        (
            "payload-sink-not-used", "spec.monitoring.payloadSink",
            {"serving": {"mode": "llm", "format": None}},
        ),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_told_where_it_is(
    places: Any, code: str, pointer: str, changes: dict[str, Any]
) -> None:
    assert places(**changes) == [(code, pointer)]


def test_the_jobs_name_has_room(places: Any) -> None:
    assert places(name="a" * LONGEST_NAME) == []
    assert places(name="a" * (LONGEST_NAME + 1)) == [("drift-name-too-long", "spec.monitoring.drift")]
