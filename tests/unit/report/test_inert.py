from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.report import inert

ANY_TEXT = st.text(st.characters(exclude_categories=()))
JSON = st.recursive(st.none() | st.booleans() | st.integers() | ANY_TEXT, lambda inner: st.lists(inner, max_size=3))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with ümlauts and 日本", "plain, with ümlauts and 日本"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("cut off \x1b", "cut off "),
        ("one\ntwo\r\nthree\tfour\u2028five", "one two three four five"),
        ("nul\x00 and \u202eturned", "nul\\u0000 and \\u202eturned"),
        ("half of a pair \ud800", "half of a pair \\ud800"),
        ("##vso[task.complete]##[group]", "## vso[task.complete]## [group]"),
        ("::error::forged ::warning::too", ": :error::forged : :warning::too"),
        ("std::string and ::1", "std::string and ::1"),
    ],
)
def test_a_line_cannot_act_on_what_shows_it(text: str, shown: str) -> None:
    assert inert.line(text) == shown


@given(ANY_TEXT)
def test_any_line_is_one_line_that_can_be_encoded(text: str) -> None:
    shown = inert.line(text)
    assert shown.encode().decode().splitlines() in ([], [shown])
    assert "\x1b" not in shown


@given(ANY_TEXT)
def test_a_harmless_line_stays_as_it_is(text: str) -> None:
    shown = inert.line(text)
    assert inert.line(shown) == shown


def test_lines_keep_their_breaks_and_lose_the_rest() -> None:
    assert inert.lines("a\x1b[31m\n\n::error::b\n") == ["a", "", ": :error::b"]


@given(JSON)
def test_json_reads_back_as_it_was(value: object) -> None:
    assert json.loads(inert.json_text(value)) == value


@given(ANY_TEXT)
def test_json_holds_nothing_that_acts(text: str) -> None:
    written = inert.json_text({text: text})
    assert not {"\x1b", "\x9b", "\u202e", "\u2028"} & set(written)
    assert written.encode()


def test_json_hides_the_marks_of_agents() -> None:
    written = inert.json_text(["##vso[task.complete]", "##[group]", "##VSO[x]"])
    assert "##vso[" not in written.lower()
    assert "##[" not in written


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("", 0)])
def test_columns_are_those_of_a_terminal(text: str, columns: int) -> None:
    assert inert.columns(text) == columns


@given(ANY_TEXT, st.integers(3, 40))
def test_shortened_text_keeps_to_the_limit_and_its_ends(text: str, limit: int) -> None:
    short = inert.shortened(text, limit)
    assert len(short) <= limit
    assert short == text or ("…" in short and short[0] == text[0])


def test_text_is_shortened_in_the_middle() -> None:
    assert inert.shortened("sha256:0123456789abcdef", 10) == "sha256…def"
