"""Doing a thing once."""

from __future__ import annotations

import pytest

from mlgitops.errors import NotAuthorisedError
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.once import Comment, keep_oldest, missing, open_once, write_comment


def refuse() -> int:
    raise RefusedError("it is there", 409, "")


def forbid() -> int:
    raise NotAuthorisedError("no")


def test_a_refusal_counts_where_nothing_is_open() -> None:
    with pytest.raises(RefusedError, match="it is there"):
        open_once(refuse, lambda: None)


def test_a_forbidden_opening_is_not_looked_up() -> None:
    with pytest.raises(NotAuthorisedError):
        open_once(forbid, lambda: pytest.fail("was looked up"))


@pytest.mark.parametrize(
    ("ours", "others", "kept", "withdrawn"), [(5, [5], 5, []), (5, [4, 5], 4, [5]), (4, [5], 4, [])]
)
def test_the_oldest_of_several_is_kept(ours: int, others: list[int], kept: int, withdrawn: list[int]) -> None:
    gone: list[int] = []
    assert keep_oldest(ours, others, gone.append) == kept
    assert gone == withdrawn


def test_a_comment_that_says_the_same_is_not_rewritten() -> None:
    there = Comment("7", "<!-- mlgitops:gates -->\r\nall passed\r\n\n", True)
    write_comment([there], ("gates", "all passed", 999), pytest.fail, lambda *_: pytest.fail("rewritten"))


def test_a_marker_in_the_middle_of_our_own_comment_does_not_count() -> None:
    there = Comment("7", "<!-- mlgitops:plan -->\n<!-- mlgitops:gates -->", True)
    made: list[str] = []
    write_comment([there], ("gates", "text", 999), made.append, lambda *_: pytest.fail("rewritten"))
    assert made == ["<!-- mlgitops:gates -->\ntext"]


def test_names_that_differ_in_case_alone_are_there() -> None:
    assert missing(["Ana", "ben", "ben", "Cy"], ["ana"]) == ["ben", "Cy"]
