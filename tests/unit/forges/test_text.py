"""Text cut to a forge's limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.errors import ForgeError
from mlgitops.forges.text import cut, hidden_marker, line, marked

LIMIT = 2000


def test_what_fits_is_left_alone() -> None:
    assert cut("x" * LIMIT, LIMIT) == "x" * LIMIT


def test_what_is_cut_ends_at_a_line_and_says_where_the_rest_is() -> None:
    shown = cut("a line of text\n" * 500, LIMIT, "mlgitops promote iris --to prod --dry-run")
    kept, _, notice = shown.partition("\n\n---\n")
    assert set(kept.split("\n")) == {"a line of text"}
    assert "`mlgitops promote iris --to prod --dry-run`" in notice
    assert "whole text" not in cut("a line of text\n" * 500, LIMIT)


def test_a_cut_block_of_code_is_closed() -> None:
    shown = cut("<details>\n\n````diff\n" + "+ line ```\n" * 500, LIMIT)
    assert shown.count("````") == 2
    assert shown.index("</details>") < shown.index("Cut here")


def test_a_closed_block_of_code_is_not_closed_again() -> None:
    assert cut("```\ncode\n```\n" + "text\n" * 900, LIMIT).count("```") == 2


@given(st.text(alphabet=st.sampled_from("`~<>/details \n+a"), max_size=9000))
def test_no_text_is_longer_than_the_limit(text: str) -> None:
    assert len(cut(text, LIMIT)) <= LIMIT


@given(st.text(max_size=400), st.integers(10, 300))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    shown = line(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown


def test_a_marked_text_is_within_the_limit_and_starts_with_its_marker() -> None:
    shown = marked("gates", "x\n" * 9000, LIMIT)
    assert shown.startswith("<!-- mlgitops:gates -->\n")
    assert len(shown) <= LIMIT


@pytest.mark.parametrize("marker", ["", "Gates", "-gates", "gates -->", "a" * 41, "gätes"])
def test_an_odd_marker_is_refused(marker: str) -> None:
    with pytest.raises(ForgeError):
        hidden_marker(marker)
