"""Tables for a terminal and as CSV, safe to print and safe to open. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from mlgitops.report import inert
from mlgitops.report.style import Style
from mlgitops.spec.secrets import mask

LONGEST = 72
"""Characters of a value that a terminal's table shows."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def aligned(titles: Sequence[str], rows: Iterable[Sequence[str]], style: Style) -> str:
    """Columns side by side, two blanks apart; what is long is shortened in the middle."""
    shown = [[inert.shortened(inert.line(mask(value)), LONGEST) for value in row] for row in rows]
    widths = [max(map(inert.columns, column)) for column in zip(titles, *shown, strict=True)]
    lines = [style.bold(_padded(titles, widths)), *(_padded(row, widths) for row in shown)]
    return "\n".join(lines) + "\n"


def as_csv(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table as RFC 4180 has it. A value that a spreadsheet would run as a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_harmless(mask(value)) for value in row] for row in rows)
    return text.getvalue()


def _harmless(value: str) -> str:
    plain = inert.line(value)
    is_number = plain.lstrip("+-").replace(".", "", 1).isdigit()
    return f"'{plain}" if plain.startswith(_FORMULA) and not is_number else plain


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(_cells(row, widths)).rstrip()


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for value, width in zip(row, widths, strict=True):
        yield value + " " * (width - inert.columns(value))
