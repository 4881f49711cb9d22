from __future__ import annotations

import pytest

from mlgitops.controller.adopting import adopted
from mlgitops.controller.goals import Followed
from mlgitops.controller.standing import MOST, age, is_held, is_wrong, text
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.report.style import Style
from mlgitops.sources.mirror import Refused
from tests.unit.controller.conftest import MakeGoals

PLAIN = Style(False)


def state(*words: Word, **more: object) -> State:
    targets = {
        Key("prod", f"t{number:02}"): TargetState(result=Result(word, f"{word}!", "do this"), since=40.0)
        for number, word in enumerate(words)
    }
    return State("0123456789abcdef", 0.0, targets=targets, **more)  # type: ignore[arg-type]


def test_what_is_wrong_comes_first_then_what_is_held_back_and_what_is_well_is_counted() -> None:
    shown = text(state(Word.IN_SYNC, Word.WAITING, Word.FAILED, Word.APPLIED), PLAIN, 7300.0)
    assert shown.splitlines() == [
        "Commit 0123456789ab, followed for 2h",
        "  failed  prod/t02 for 2h",
        "      failed!",
        "      do this",
        "  waiting  prod/t01 for 2h",
        "      waiting!",
        "      do this",
        "4 targets: 1 in-sync, 1 applied, 1 waiting, 1 failed.",
    ]


def test_what_nobody_looked_at_is_said_to_be_so() -> None:
    shown = text(State("c1", targets={Key("prod", "aws"): TargetState()}), PLAIN, 1.0)
    assert shown.splitlines()[1:] == ["  not looked at yet  prod/aws", "1 target: 1 not looked at yet."]


def test_git_that_is_not_followed_and_what_cannot_be_rendered_are_told() -> None:
    known = State(refused="it was rewritten", broken={"prod": "models/iris.yaml:3:1: no"})
    assert text(known, PLAIN, 1.0).splitlines() == [
        "not followed",
        "      it was rewritten",
        "broken  environment prod",
        "      models/iris.yaml:3:1: no",
        "      mend it in Git, or revert; until then its targets stay as they are",
        "0 targets: none.",
    ]


def test_what_cannot_be_rendered_is_told_once_with_since_when_however_many_targets_it_has(
    make_goals: MakeGoals,
) -> None:
    before = state(Word.IN_SYNC, Word.APPLIED)
    broken = make_goals("c2", broken={"prod": "models/iris.yaml:3:1: no"})
    known = adopted(before, Followed(broken, Refused("c9", "it was rewritten", "Push on top.")), 100.0)
    assert text(known, PLAIN, 7300.0).splitlines() == [
        "Commit c2, followed for 2h",
        "not followed for 2h",
        "      it was rewritten",
        "      Push on top.",
        "broken  environment prod for 2h",
        "      models/iris.yaml:3:1: no",
        "      mend it in Git, or revert; until then its targets stay as they are",
        "2 targets: 2 failed.",
    ]


def test_it_stays_on_one_screen() -> None:
    shown = text(state(*[Word.UNREACHABLE] * 100, *[Word.PENDING] * 100), PLAIN, 100.0)
    assert shown.count("and 80 more") == 2
    assert len(shown.splitlines()) <= 2 * 3 * MOST + 5


def test_what_comes_from_elsewhere_moves_no_cursor() -> None:
    one = TargetState(result=Result(Word.FAILED, "\x1b[2J\nall is well"))
    shown = text(State("c1", targets={Key("prod", "aws"): one}), PLAIN, 1.0)
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 4


@pytest.mark.parametrize(
    ("word", "wrong", "held"),
    [
        (Word.IN_SYNC, False, False),
        (Word.APPLIED, False, False),
        (Word.SUSPENDED, False, False),
        (Word.DRIFTED, False, True),
        (Word.PENDING, False, True),
        (Word.WAITING, False, True),
        (Word.FIGHTING, True, True),
        (Word.FAILED, True, True),
        (Word.UNREACHABLE, True, True),
        (Word.REFUSED, True, True),
    ],
)
def test_it_is_known_who_has_to_look(word: Word, wrong: bool, held: bool) -> None:
    assert (is_wrong(state(word)), is_held(state(word))) == (wrong, held)


def test_git_that_cannot_be_followed_is_wrong_although_all_targets_are_well() -> None:
    assert is_wrong(state(Word.IN_SYNC, refused="it was rewritten"))
    assert is_wrong(state(Word.IN_SYNC, broken={"dev": "no"}))
    assert is_wrong(State())


@pytest.mark.parametrize(("seconds", "said"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7200, "2h"), (200_000, "2d")])
def test_an_age_is_told_in_its_largest_unit(seconds: float, said: str) -> None:
    assert age(1000.0, 1000.0 + seconds) == said
