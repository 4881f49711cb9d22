"""Metrics in JSON: names and numbers, or fields of evidence as they are. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

FIELDS = (
    "artifactDigest", "dataDigest", "dataUntil", "metrics", "parameters", "latency", "fairness", "explainability",
    "card", "tests", "health",
)  # fmt: skip
"""Fields of evidence that a file may give."""


def fields(data: Mapping[str, Any], lower_is_better: Collection[str]) -> dict[str, Any]:
    """``{"accuracy": 0.9}``, or ``{"metrics": {"accuracy": 0.9}, "dataDigest": …}`` with any fields of evidence.

    Raises ``ValueError`` for a field that is none, and a metric that is no number.
    """
    if not any(name in data for name in FIELDS):
        return {"metrics": listed(data, lower_is_better)}
    unknown = [name for name in data if name not in FIELDS]
    if unknown:
        raise ValueError(f"'{unknown[0]}' is no field of evidence; there are {', '.join(FIELDS)}")
    metrics = data.get("metrics")
    if isinstance(metrics, Mapping):
        return {**data, "metrics": listed(metrics, lower_is_better)}
    return dict(data)


def listed(numbers: Mapping[str, Any], lower_is_better: Collection[str]) -> list[dict[str, Any]]:
    """Metrics by name as evidence lists them. Raises ``ValueError`` for one that is no finite number."""
    for name, value in numbers.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"the metric '{name}' is no number")
    return [
        {"name": name, "value": value, "higherIsBetter": name not in lower_is_better} for name, value in numbers.items()
    ]
