from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from mlgitops.finding import Finding, Location, Severity
from mlgitops.report.findings import text, totals
from mlgitops.report.style import Style

PLAIN = Style(False)


def test_findings_read_like_a_compilers(findings: list[Finding], golden: Callable[[str, str], None]) -> None:
    golden("report/findings.txt", text(findings, PLAIN, 100))


def test_colours_change_nothing_but_colours(findings: list[Finding]) -> None:
    from mlgitops.report import inert

    coloured = text(findings, Style(True), 100)
    assert "\x1b[31m" in coloured
    assert "\n".join(map(inert.line, coloured.split("\n"))) == text(findings, PLAIN, 100)


def test_the_order_does_not_depend_on_how_they_were_found(findings: list[Finding]) -> None:
    assert text([*reversed(findings), findings[0]], PLAIN) == text(findings, PLAIN)


def test_no_findings_are_said_in_words() -> None:
    assert text([], PLAIN) == "No findings.\n"


def carets(excerpt: str, column: int, end_column: int = 0, width: int = 100) -> tuple[str, str]:
    """The excerpt's line and the line of carets under it, without the margin."""
    finding = Finding("code", "message", Location("a.yaml", 7, column, end_column), excerpt=excerpt)
    shown = text([finding], PLAIN, width).split("\n")
    return shown[3].removeprefix("7 | "), shown[4].removeprefix("  | ")


@pytest.mark.parametrize(
    ("excerpt", "column", "end_column", "marked"),
    [
        ("max: 5000", 6, 10, "     ^^^^"),
        ("max: 5000", 6, 0, "     ^"),
        ("日本: x", 5, 6, "      ^"),
        ("key: 日本", 6, 8, "     ^^^^"),
        ("a:\tx", 4, 5, "   ^"),
        ("max:", 9, 0, "    ^"),
    ],
)
def test_carets_stand_under_what_is_meant(excerpt: str, column: int, end_column: int, marked: str) -> None:
    assert carets(excerpt, column, end_column)[1] == marked


@pytest.mark.parametrize("column", [1, 40, 500, 990])
def test_a_long_line_is_cut_around_the_place(column: int) -> None:
    line = "".join("#" if n == column else "." for n in range(1, 1000))
    shown, marks = carets(line, column, column + 1, width=80)
    assert len(shown) <= 80
    assert shown[marks.index("^")] == "#"


def test_a_long_mark_ends_with_the_line() -> None:
    shown, marks = carets("x" * 1000, 1, 1000, width=80)
    assert len(marks) == len(shown) <= 80


def test_a_finding_without_a_line_shows_no_excerpt() -> None:
    finding = Finding("empty-file", "the file is empty", Location("a.yaml"), excerpt="left over")
    assert "left over" not in text([finding], PLAIN)


def test_hostile_text_adds_neither_lines_nor_escapes(hostile: Finding) -> None:
    shown = text([hostile], Style(False), 10_000)
    assert len(shown.splitlines()) == 9
    assert "\x1b" not in shown
    assert not any(line.lstrip().startswith("::") for line in text([hostile], PLAIN, 40).splitlines())
    assert "##vso[" not in shown


def test_totals_count_each_severity_and_file(findings: list[Finding]) -> None:
    assert totals(findings) == "3 errors, 1 warning in 3 files"
    assert totals([dataclasses.replace(findings[0], severity=Severity.WARNING)]) == "1 warning in 1 file"
    assert totals([]) == "no findings"
