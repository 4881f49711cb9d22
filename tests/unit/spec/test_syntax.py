"""Messages for texts that cannot be parsed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.finding import Finding

Refuse = Callable[[str | bytes], list[Finding]]


@pytest.mark.parametrize(
    ("text", "place", "help"),
    [
        ("a: b: c", "1:5", "quote a value"),
        ("a: 1\n  b: 2", "2:4", "indentation"),
        ("a:\n  - 1\n b: 2", "3:2", "indentation"),
        ("a: 'x\nb: 1\n", "2:5", "close the quote"),
        ("a: [1, 2\n", "1:9", "close the bracket"),
        ("a: {b: 1\n", "1:9", "close the bracket"),
        ("a: [1, }", "1:8", "write a value here"),
        ('a: "\\q"', "1:5", "backslash"),
        ('a: "\\ud800"', "1:7", "hexadecimal"),
        ("a: *", "1:5", "must be quoted"),
        ("a: %x", "1:4", "begins with % must be quoted"),
        ("a: @x", "1:4", "begins with @ must be quoted"),
        ("a: `x", "1:4", "begins with ` must be quoted"),
        ("a: - b", "1:4", "on the next line"),
        ("- a\nb: 1", "2:1", "list's items"),
        ("a: |x\n b", "1:5", "next line"),
        ("a: !h!x y", "1:4", "begins with ! must be quoted"),
        ("a\nb: 1", "2:2", "indentation"),
        ("a: 1\nb\nc: 2", "3:1", "space after the colon"),
    ],
)
def test_a_syntax_error_has_a_place_and_says_what_to_do(text: str, place: str, help: str, refuse: Refuse) -> None:
    (finding,) = refuse(text)
    assert finding.code == "yaml-syntax"
    assert str(finding.location) == f"models/a.yaml:{place}"
    assert help in finding.help
    assert finding.excerpt


@pytest.mark.parametrize(
    "text", ["a:\n\tb: 1", "a:\n  b: 1\n\tc: 2", "a:\n \tb: 1", "a: |\n\tx", "\ta: 1", "- \ta: 1\n"]
)
def test_a_tab_as_indentation_is_named(text: str, refuse: Refuse) -> None:
    assert [f.code for f in refuse(text)] == ["tab-indentation"]


def test_a_message_names_the_line_where_the_open_thing_begins(refuse: Refuse) -> None:
    (finding,) = refuse("a: 1\nb: [1,\n  2\nc: 3\n")
    assert "begins on line 2" in finding.message
