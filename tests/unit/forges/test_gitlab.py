"""Text that GitLab would obey."""

from __future__ import annotations

import pytest

from mlgitops.forges.gitlab import inert


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/merge", "\\/merge"),
        ("text\n  /approve\n", "text\n  \\/approve\n"),
        ("> /label ~a", "> \\/label ~a"),
        ("a /merge b", "a /merge b"),
        ("//comment", "//comment"),
        ("| /merge |", "| /merge |"),
        ("\r/merge\n/close", "\r\\/merge\n\\/close"),
        ("\u2028/merge", "\u2028\\/merge"),
    ],
)
def test_a_line_that_is_a_quick_action_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert inert(text) == shown
