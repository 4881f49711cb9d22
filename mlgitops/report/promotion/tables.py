"""Tables in Markdown whose cells nothing in a spec can break out of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlgitops.report import inert
from mlgitops.report.plan.markdown import code
from mlgitops.spec.secrets import mask

LONGEST_CELL = 200
"""Characters of a value that a cell shows."""


def cell(text: str) -> str:
    """A value as code; empty for none. What looks like a secret is masked."""
    return code(inert.shortened(inert.line(mask(text)), LONGEST_CELL)) if text else ""


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; its cells are Markdown already. No line where there is no row."""
    rows = list(rows)
    if rows:
        yield f"| {' | '.join(titles)} |"
        yield f"|{'---|' * len(titles)}"
        yield from (f"| {' | '.join(row)} |" for row in rows)
