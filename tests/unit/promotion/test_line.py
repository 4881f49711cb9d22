"""What the commits alone tell of a branch that was led around, over graphs made by hand."""

from __future__ import annotations

import pytest

from mlgitops.promotion.line import Line

# One promotion (p1) was merged as m1, the next (p2) as m2; both branches began at the commit before.
MAIN = {"m2": ("m1", "p2"), "p2": ("m1",), "m1": ("root", "p1"), "p1": ("root",), "root": ()}
PROMOTIONS = {"p1", "p2"}


def grown(**commits: str) -> Line:
    """The line up to the last of the commits (``NAME="PARENT PARENT"``) that follow the branch."""
    later = {commit: tuple(parents.split()) for commit, parents in commits.items()}
    return Line({**dict(reversed(later.items())), **MAIN}, next(reversed(later)))


def test_the_line_is_what_the_branch_was_at() -> None:
    line = Line(MAIN, "m2")
    assert list(line.commits) == ["m2", "m1", "root"]
    assert line.brought == {"p1": "m1", "p2": "m2"}
    assert (line.left_out(PROMOTIONS), line.begun_again(PROMOTIONS)) == ({}, {})


@pytest.mark.parametrize(
    ("commits", "found"),
    [
        ({"around": "m1 m2"}, {"around": "m2"}),
        ({"around": "root m2"}, {"around": "m2"}),
        ({"mine": "m1", "around": "mine m2"}, {"around": "m2"}),
        ({"inner": "m1 m2", "around": "m1 inner"}, {"around": "inner"}),
        ({"p3": "m2", "m3": "m2 p3", "around": "m2 m3"}, {}),  # not a promotion
        ({"undo": "p2", "first": "m1 undo", "around": "first m2"}, {"around": "m2"}),
        ({"other": "m1", "around": "other m2 m1"}, {"around": "m2"}),
    ],
)
def test_a_branch_that_was_led_around_is_found(commits: dict[str, str], found: dict[str, str]) -> None:
    assert grown(**commits).left_out(PROMOTIONS) == found


@pytest.mark.parametrize(
    "commits",
    [
        {"p3": "m1", "caught": "p3 m2", "m3": "m2 caught"},
        {"p3": "m1", "caught": "p3 m2", "p4": "caught", "m3": "m2 p4"},
        {"x": "m2", "y": "m2", "both": "x y", "m3": "m2 both"},
        {"p3": "m2", "sub": "p3", "back": "p3 sub", "m3": "m2 back"},
        {"direct": "m2", "m3": "direct m2"},
    ],
)
def test_branches_that_caught_up_or_merged_other_work_are_in_order(commits: dict[str, str]) -> None:
    assert grown(**commits).left_out({*PROMOTIONS, "p3", "p4"}) == {}


def test_another_beginning_counts_where_it_leads_to_what_is_audited() -> None:
    line = grown(alien="", more="alien", joined="m2 more")
    assert line.begun_again({"root", "p1"}) == {}
    assert line.begun_again({"more"}) == {"joined": "alien"}
    around = grown(fresh="", around="fresh m2")
    assert around.begun_again({"root", "fresh"}) == {"around": "root"}
