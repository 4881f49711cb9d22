"""The built-in gates by name: ``uses`` switches one on, ``with`` gives its parameters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.promotion.gates import (
    compatibility,
    documents,
    drift,
    lineage,
    measurements,
    responsiveness,
    signing,
    timing,
)  # fmt: skip
from mlgitops.promotion.gates.parameters import BuiltIn

_ALL: tuple[BuiltIn[Any], ...] = (
    BuiltIn("digest-pinned", lineage.digest_pinned),
    BuiltIn("signed", signing.signed),
    BuiltIn("provenance-complete", lineage.provenance_complete),
    BuiltIn("metric-floor", measurements.metric_floor),
    BuiltIn("not-worse-than-champion", measurements.not_worse_than_champion),
    BuiltIn("latency-p95", responsiveness.latency("p95")),
    BuiltIn("latency-p99", responsiveness.latency("p99")),
    BuiltIn("error-rate", responsiveness.error_rate),
    BuiltIn("fairness", measurements.fairness),
    BuiltIn("explainability", documents.explainability),
    BuiltIn("model-card", documents.model_card),
    BuiltIn("licence", documents.licence),
    BuiltIn("tests-passed", measurements.tests_passed),
    BuiltIn("no-drift", drift.no_drift),
    BuiltIn("data-fresh", lineage.data_fresh),
    BuiltIn("model-fresh", lineage.model_fresh),
    BuiltIn("soaked", timing.soaked),
    BuiltIn("signature-compatible", compatibility.signature_compatible),
    BuiltIn("capacity", compatibility.capacity),
    BuiltIn("change-window", timing.change_window),
    BuiltIn("freeze", timing.freeze),
)

LIBRARY: Mapping[str, BuiltIn[Any]] = {built_in.name: built_in for built_in in _ALL}
"""Every built-in gate by its name. ``docs/gates.md`` has a section for each."""
