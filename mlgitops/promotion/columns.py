"""Releases of a model beside each other: lineage, metrics and parameters as rows, a release in each column. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mlgitops.promotion.request import facts
from mlgitops.spec.release import Release

NOT_SAID = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One release: the environment or version that it is compared as, and what its evidence says."""

    label: str
    release: Release
    metrics: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    measured_on: str = ""


class Row(NamedTuple):
    """A line of the table: its part (``lineage``, ``metric``, ``parameter``), its name, and a value for each column."""

    part: str
    name: str
    values: tuple[str, ...]


def rows(columns: Sequence[Column]) -> list[Row]:
    """Every line that any of the releases has a value for."""
    lineage = [facts(column.release) for column in columns]
    measured = [{"measured on": column.measured_on} if column.measured_on else {} for column in columns]
    metrics = [{name: f"{value:.6g}" for name, value in column.metrics.items()} for column in columns]
    parameters = [dict(column.parameters) for column in columns]
    parts = (("lineage", lineage), ("metric", measured), ("metric", metrics), ("parameter", parameters))
    return [row for part, found in parts for row in _rows(part, found)]


def to_json(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The releases as JSON data, numbers as numbers."""
    return [
        {
            "label": column.label,
            "release": column.release.model_dump(mode="json", by_alias=True, exclude_none=True),
            "metrics": dict(column.metrics),
            "parameters": dict(column.parameters),
            "measuredOn": column.measured_on,
        }
        for column in columns
    ]


def _rows(part: str, found: Sequence[Mapping[str, str]]) -> list[Row]:
    names = dict.fromkeys(name for one in found for name in one)
    return [Row(part, name, tuple(one.get(name, NOT_SAID) for one in found)) for name in names]
