"""docs/findings.md has a row for every code that the program gives, with the right severity, and for no other."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from mlgitops.check.rules import POLICY_CODES
from tests.testbed.messages.finding_codes import ROOT, Codes, Use, program

ROW = re.compile(r'\| <a id="(?P<anchor>[^"]*)"></a>`(?P<code>[^`]*)` \| (?P<severity>[^|]*) \| [^|]+\. \| [^|]+\. \|')


def rows() -> list[re.Match[str]]:
    lines = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8").splitlines()
    found = [(line, ROW.fullmatch(line)) for line in lines if line.startswith(("| <a", "| `"))]
    wrong = [line for line, match in found if match is None]
    assert not wrong, f"rows without code, severity and two sentences: {wrong}"
    return [match for _, match in found if match]


def words(row: re.Match[str]) -> list[str]:
    """``error``, ``warning`` and ``policy``, as far as they are there."""
    return row["severity"].split(", ")


@pytest.fixture(scope="module")
def uses() -> set[Use]:
    return Codes(program()).uses


def test_every_code_of_the_program_has_a_row_and_no_other_has(uses: set[Use]) -> None:
    documented = {row["code"] for row in rows()}
    written = {use.code for use in uses}
    assert written - documented == set(), "add a row to docs/findings.md"
    assert documented - written == set(), "no such code is given any more: remove the row"


def test_every_code_has_one_row_with_its_own_anchor() -> None:
    assert [code for code, times in Counter(row["code"] for row in rows()).items() if times > 1] == []
    assert all(row["anchor"] == row["code"] for row in rows())


def test_the_rows_give_the_severities_that_the_program_gives(uses: set[Use]) -> None:
    documented = {Use(row["code"], word) for row in rows() for word in words(row) if word != "policy"}
    assert documented == uses


def test_the_codes_that_policy_may_change_and_no_others_are_marked_so() -> None:
    assert {row["code"] for row in rows() if "policy" in words(row)} == POLICY_CODES


FINDING = "class Finding:\n    code: str\n    message: str\n    severity: str\n\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Finding('new', 'm')", {("new", "error")}),
        ("Finding(message='m', code='new', severity=Severity.WARNING)", {("new", "warning")}),
        ("CODE = 'new'\nFinding(CODE, 'm')", {("new", "error")}),
        ("T = {'x': 'a', 'y': 'b'}\nFinding('c' if z else T.get(z, 'd'), 'm')",
         {("a", "error"), ("b", "error"), ("c", "error"), ("d", "error")}),
        ("def f(k):\n    return Finding(f'un-{k}', 'm')\nf('a')\nf(k='b')", {("un-a", "error"), ("un-b", "error")}),
        ("def f(code):\n    if x:\n        code, m = 'many', 'm'\n    return Finding(code, m)\nf('a')",
         {("a", "error"), ("many", "error")}),
        ("class P:\n    def finding(self, at, code):\n        return Finding(code, 'm', severity=Severity.WARNING)\n"
         "def f(p):\n    p.finding(1, 'a')", {("a", "warning")}),
        ("class Trap:\n    code: str\nTrap('a')\ndef f(t):\n    Finding(t.code, 'm')", {("a", "error")}),
    ],
)  # fmt: skip
def test_a_code_is_found_however_it_is_handed_on(source: str, expected: set[tuple[str, str]]) -> None:
    assert Codes({"a.py": ast.parse(FINDING + source)}).uses == expected


@pytest.mark.parametrize("source", ["Finding(compute(), 'm')", "[Finding(c, 'm') for c in codes]", "Finding()"])
def test_a_code_that_cannot_be_followed_is_refused(source: str) -> None:
    with pytest.raises(AssertionError, match=r"a\.py:6"):
        Codes({"a.py": ast.parse(FINDING + source)})
