"""What came of a comparison, for machines and people: the report that becomes evidence, metrics, a line. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from mlgitops.jobs.comparison import Feature, Limits

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FORMAT = "mlgitops.dev/drift/v1"
"""What the report's ``formatVersion`` says."""
MOST_FEATURES = 200
"""Features in the report, the furthest first: it becomes a workflow's parameter, for which Kubernetes sets bounds."""
LABELS = ("model", "version", "environment", "target")


@dataclass(frozen=True, slots=True)
class About:
    """Whose requests they were. ``release_digest`` is of the release that was asked."""

    model: str
    version: str
    release_digest: str
    environment: str
    target: str


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison and what it was of: requests and rows that came from ``since`` to ``until``.

    ``unread`` are requests and files that could not be read, ``rows`` those that were compared.
    """

    about: About
    limits: Limits
    since: datetime
    until: datetime
    requests: int
    rows: int
    reference_rows: int
    unread: int
    features: tuple[Feature, ...]

    @property
    def measured(self) -> bool:
        """Whether there were enough rows to tell."""
        return bool(self.features)

    @property
    def drifted(self) -> list[Feature]:
        """The features that have drifted, the furthest first."""
        return sorted((one for one in self.features if one.drifted), key=_furthest)


def report(told: Told) -> bytes:
    """The report as indented JSON: what ``mlgitops evidence add --from`` reads."""
    data = {
        "formatVersion": FORMAT,
        "model": told.about.model,
        "version": told.about.version,
        "releaseDigest": told.about.release_digest,
        "environment": told.about.environment,
        "target": told.about.target,
        "since": _utc(told.since),
        "observedAt": _utc(told.until),
        "requests": told.requests,
        "rows": told.rows,
        "referenceRows": told.reference_rows,
        "unread": told.unread,
        **asdict(told.limits),
        "measured": told.measured,
        "detected": bool(told.drifted),
        "compared": len(told.features),
        "driftedFeatures": len(told.drifted),
        "features": [_plain(one) for one in sorted(told.features, key=_furthest)[:MOST_FEATURES]],
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _furthest(feature: Feature) -> tuple[bool, float, str]:
    return not feature.drifted, -feature.value, feature.name


def _plain(feature: Feature) -> dict[str, Any]:
    data = asdict(feature)
    return {**{name: data[name] for name in ("name", "kind", "value", "missing", "drifted")}, "pValue": feature.p_value}


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def registry(told: Told) -> CollectorRegistry:
    """The metrics. Where nothing could be told, whether anything drifted is left out rather than said to be 0."""
    from prometheus_client import CollectorRegistry, Gauge

    found, own = CollectorRegistry(), asdict(told.about)
    values = [own[name] for name in LABELS]

    def gauge(name: str, words: str, number: float) -> None:
        Gauge(f"mlgitops_drift_{name}", words, LABELS, registry=found).labels(*values).set(number)

    gauge("last_run_timestamp_seconds", "When requests were compared last.", told.until.timestamp())
    gauge("rows", "Rows of requests that were compared with the reference data.", told.rows)
    gauge("unread_requests", "Logged requests and files that could not be read.", told.unread)
    if told.measured:
        gauge("threshold", "The measure above which a feature has drifted.", told.limits.threshold)
        gauge("detected", "1 while a feature has drifted, else 0.", float(bool(told.drifted)))
        gauge("features_drifted", "Features that have drifted.", len(told.drifted))
        _feature_gauges(found, values, told.features)
    return found


def _feature_gauges(found: CollectorRegistry, values: Sequence[str], features: Sequence[Feature]) -> None:
    from prometheus_client import Gauge

    labels = (*LABELS, "feature")
    distance = Gauge("mlgitops_drift_feature", "How far a feature is from the reference.", labels, registry=found)
    drifted = Gauge("mlgitops_drift_feature_detected", "1 while the feature has drifted.", labels, registry=found)
    for one in features:
        distance.labels(*values, one.name).set(one.value)
        drifted.labels(*values, one.name).set(float(one.drifted))


def line(told: Told) -> str:
    """What to print."""
    compared = f"{told.about.model} {told.about.version}: {told.rows} rows of {told.requests} requests compared"
    unread = f"; {told.unread} could not be read" if told.unread else ""
    if not told.measured:
        return f"{compared}{unread}; these are too few to tell"
    names = ", ".join(f"{one.name} ({told.limits.measure} {one.value:.3f})" for one in told.drifted[:10])
    return f"{compared}{unread}; " + (f"drifted: {names}" if names else "nothing drifted")
