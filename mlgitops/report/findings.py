"""Findings as text for people: what is wrong, where, the line with carets under it, and what to do. Pure."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mlgitops.finding import Finding, Severity, in_order
from mlgitops.report import inert
from mlgitops.report.style import Style

DEFAULT_WIDTH = 100
"""Columns, where the width of the terminal is not known."""

_CONTEXT = 30
"""How many characters before the caret are kept of a line that is too long to show whole."""


def text(findings: Iterable[Finding], style: Style, width: int = DEFAULT_WIDTH) -> str:
    """All findings in order, then a line of totals. ``width`` is in columns; only help and excerpts keep to it."""
    ordered = in_order(findings)
    if not ordered:
        return style.green("No findings.") + "\n"
    blocks = ["\n".join(_block(finding, style, width)) for finding in ordered]
    return "\n\n".join([*blocks, _totals(ordered, style)]) + "\n"


def totals(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning in 2 files``; ``no findings`` where there are none."""
    if not findings:
        return "no findings"
    counts = Counter(finding.severity for finding in findings)
    parts = [counted(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return f"{', '.join(parts)} in {counted(len({finding.location.path for finding in findings}), 'file')}"


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``, ``1,000 files``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _totals(findings: Sequence[Finding], style: Style) -> str:
    colour = style.red if any(finding.severity is Severity.ERROR for finding in findings) else style.yellow
    return colour(style.bold(totals(findings) + "."))


def _block(finding: Finding, style: Style, width: int) -> Iterator[str]:
    margin = " " * len(str(finding.location.line))
    colour = style.red if finding.severity is Severity.ERROR else style.yellow
    yield style.bold(colour(f"{finding.severity}[{inert.line(finding.code)}]")) + style.bold(
        f": {inert.line(finding.message)}"
    )
    pointer = f" ({inert.line(finding.pointer)})" if finding.pointer else ""
    yield f"{margin}{style.dim('-->')} {inert.line(str(finding.location))}{style.dim(pointer)}"
    if finding.excerpt.strip() and finding.location.line:
        yield from _excerpt(finding, margin, style, width)
    for advice in _advice(finding):
        yield from _wrapped(advice, margin, style, width)


def _excerpt(finding: Finding, margin: str, style: Style, width: int) -> Iterator[str]:
    colour = style.red if finding.severity is Severity.ERROR else style.yellow
    before, marked, after = _cut(finding, max(40, width - len(margin) - 4))
    bar = style.dim("|")
    yield f"{margin} {bar}"
    yield f"{style.dim(str(finding.location.line))} {bar} {before}{marked}{after}".rstrip()
    if finding.location.column:
        carets = "^" * max(1, inert.columns(marked.rstrip()))
        yield f"{margin} {bar} {' ' * inert.columns(before)}{colour(carets)}"


def _cut(finding: Finding, room: int) -> tuple[str, str, str]:
    """The excerpt before, at and after the mark, together at most ``room`` characters, with ``…`` where cut."""
    start = max(0, finding.location.column - 1)
    end = max(start + 1, finding.location.end_column - 1)
    before, marked, after = (
        inert.line(part) for part in (finding.excerpt[:start], finding.excerpt[start:end], finding.excerpt[end:])
    )
    if len(before) + len(marked) + len(after) <= room:
        return before, marked, after
    if len(before) > _CONTEXT:
        before = "…" + before[len(before) - _CONTEXT + 1 :]
    if len(marked) > room - len(before):
        return before, marked[: room - len(before) - 1] + "…", ""
    room -= len(before) + len(marked)
    return before, marked, after if len(after) <= room else after[: max(0, room - 1)] + "…"


def _advice(finding: Finding) -> Iterator[str]:
    if finding.suggestion:
        yield f"did you mean '{inert.line(finding.suggestion)}'?"
    if finding.help:
        yield inert.line(finding.help)


def _wrapped(advice: str, margin: str, style: Style, width: int) -> Iterator[str]:
    lead = f"{margin} = help: "
    room = max(40, width - len(lead))
    first, *rest = textwrap.wrap(advice, room, break_long_words=False, break_on_hyphens=False) or [""]
    yield f"{margin} {style.dim('=')} {style.bold('help')}: {first}"
    yield from (" " * len(lead) + continued for continued in rest)
