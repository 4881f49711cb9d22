"""How an object and its fields are laid out in a terminal: values in a column, file and line at the right. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgitops.manifest import Identity
from mlgitops.report import inert
from mlgitops.report.plan.rows import Row, object_name
from mlgitops.report.plan.values import ARROW, shortened_pair
from mlgitops.report.style import Style

_FIELD_INDENT = 6
_WIDEST_FIELD = 44
"""Columns of the column of fields; a longer field shifts its own values only."""
_LEAST_ROOM = 36
"""Columns that long values need beside the file and line; with fewer, these go to a line of their own."""


def object_line(symbol: str, one: Identity, style: Style) -> str:
    """The line that names an object."""
    return f"    {coloured(symbol, style)} {style.bold(object_name(one))}"


def row_lines(rows: Sequence[Row], style: Style, width: int) -> Iterator[str]:
    """The lines under an object, ``width`` columns wide where values can be shortened to fit; 0 shortens nothing."""
    lengths = (len(row.field) for row in rows if row.old or row.new)
    column = max((length for length in lengths if length <= _WIDEST_FIELD), default=0)
    for row in rows:
        yield from _row(row, column, style, width)


def _row(row: Row, column: int, style: Style, width: int) -> Iterator[str]:
    if not row.symbol:
        yield " " * (_FIELD_INDENT + 2) + style.dim(row.field)
        return
    start = f"{row.field:<{column}}" if row.old or row.new else row.field
    left = _FIELD_INDENT + 2 + len(start) + 2
    source = inert.line(row.source)
    room = width - left - (len(source) + 2 if source else 0)
    natural = len(row.old) + len(row.new) + (len(ARROW) if row.old and row.new else 0)
    below = bool(source) and width > 0 and room < min(_LEAST_ROOM, natural)
    old, new = shortened_pair(row.old, row.new, width - left if below else room) if width else (row.old, row.new)
    values = _values(row.symbol, old, new, style)
    length = left + len(old) + len(new) + (len(ARROW) if old and new else 0)
    gap = " " * max(2, (width or length + 2) - length - len(source))
    beside = gap + style.dim(source) if source and not below else ""
    yield f"{' ' * _FIELD_INDENT}{coloured(row.symbol, style)} {start}  {values}{beside}".rstrip()
    if below:
        yield " " * (_FIELD_INDENT + 4) + style.dim(f"at {source}")
    yield from (f"{' ' * (_FIELD_INDENT + 4)}{_coloured_line(symbol, line, style)}" for symbol, line in row.block)


def _values(symbol: str, old: str, new: str, style: Style) -> str:
    if symbol == "~" and (old or new):
        return f"{style.red(old)}{style.dim(ARROW)}{style.green(new)}"
    return style.green(new) if new else style.red(old)


def coloured(symbol: str, style: Style) -> str:
    """A symbol in its colour: green adds, red removes, yellow changes."""
    return {"+": style.green, "-": style.red, "~": style.yellow, "±": style.red}.get(symbol, style.dim)(symbol)


def _coloured_line(symbol: str, line: str, style: Style) -> str:
    if symbol in ("+", "-"):
        return coloured(symbol, style) + " " + (style.green if symbol == "+" else style.red)(line)
    return style.dim(f"{symbol or ' '} {line}".rstrip())
