from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from mlgitops.jobs.comparison import Feature, Limits
from mlgitops.jobs.told import FORMAT, About, Told, report
from mlgitops.promotion.evidence import checked
from mlgitops.promotion.measured import About as AboutRelease
from mlgitops.promotion.measured import drift, fields_of

DIGEST = "sha256:" + "ab" * 32
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
RELEASE = AboutRelease("iris", "2.0", DIGEST, "dev", "2026-11-25T12:00:00Z")


def content(*features: Feature, **about: str) -> bytes:
    said = {
        "model": "iris", "version": "2.0", "release_digest": DIGEST, "environment": "dev", "target": "here", **about,
    }  # fmt: skip
    return report(Told(About(**said), Limits(), NOW - timedelta(days=1), NOW, 9, 90, 100, 0, features))


def feature(name: str, value: float, drifted: bool) -> Feature:
    return Feature(name, "number", value, 0.001, 0.0, drifted)


def test_the_two_agree_on_the_format() -> None:
    assert drift.FORMAT == FORMAT


def test_a_report_is_evidence_with_the_furthest_first() -> None:
    found = fields_of(content(feature("a", 0.3, True), feature("b", 0.1, False), feature("c", 0.9, True)), RELEASE)
    base = {"formatVersion": "mlgitops.dev/evidence/v1", "model": "iris", "version": "2.0", "createdAt": RELEASE.now}
    (seen,) = checked({**base, **found}).drift
    assert (seen.detected, seen.drifted, seen.drifted_features, seen.features) == (True, ("c", "a"), 2, 3)
    assert (seen.since, seen.observed_at) == ("2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z")


@pytest.mark.parametrize("about", [{"model": "other"}, {"release_digest": "sha256:x"}, {"environment": "prod"}])
def test_a_report_about_something_else_is_refused(about: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="it is about"):
        fields_of(content(feature("a", 0.3, True), **about), RELEASE)


def test_no_verdict_is_no_evidence() -> None:
    with pytest.raises(ValueError, match="too few requests"):
        fields_of(content(), RELEASE)


def test_thousands_of_drifted_features_are_counted_and_not_all_named() -> None:
    many: Any = orjson.loads(content(*[feature(f"f{index}", 1.0, True) for index in range(500)]))
    (seen,) = drift.observation(many, "iris", DIGEST, "dev")
    assert (seen["driftedFeatures"], len(seen["drifted"])) == (500, drift.MOST_NAMES)
