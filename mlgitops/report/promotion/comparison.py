"""Releases beside each other, as text, CSV or JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mlgitops.promotion.columns import Column, rows, to_json
from mlgitops.report import inert
from mlgitops.report.promotion.exports import aligned, as_csv
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"


def text(columns: Sequence[Column], style: Style) -> str:
    """A table; metrics are only comparable where they were measured on the same data, which a line says."""
    titles = ("", "", *(inert.line(column.label) for column in columns))
    made = aligned(titles, [(row.part, row.name, *row.values) for row in rows(columns)], style)
    measured = {column.measured_on for column in columns if column.metrics}
    if len(measured) > 1 or "" in measured:
        made += style.yellow("The metrics are not comparable: they were not measured on the same data.") + "\n"
    return made


def csv(columns: Sequence[Column]) -> str:
    """The same table."""
    titles = ("part", "name", *(column.label for column in columns))
    return as_csv(titles, [(row.part, row.name, *row.values) for row in rows(columns)])


def json(columns: Sequence[Column]) -> str:
    """The releases with their metrics and parameters."""
    return inert.json_text({"formatVersion": FORMAT_VERSION, "releases": to_json(columns)})
