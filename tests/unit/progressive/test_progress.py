"""How a rollout goes on with what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.progressive.analysis import Judgement, Verdict
from mlgitops.progressive.progress import (
    EVERYTHING,
    NOTHING,
    OVER,
    Phase,
    Progress,
    aborted,
    begun,
    due_at,
    exposure,
    measured,
)
from mlgitops.progressive.terms import Analysis, Measure, Step, Terms

ANALYSIS = Analysis(10.0, 2, 20, "c", "a", 120.0, (Measure("errors", "n", max=1.0),))
TERMS = Terms(
    "iris", "sha256:i", "1.1", "1.0", "sha256:n", "iris-canary", ("HTTPRoute", "iris-traffic"),
    (Step(10, 0, 30.0), Step(50, 0, 60.0)), ANALYSIS,
)  # fmt: skip
WELL, BAD, UNKNOWN = Judgement(Verdict.PASS), Judgement(Verdict.FAIL, "errors is 9"), Judgement(Verdict.UNKNOWN, "away")


def after(judgements: list[Judgement], progress: Progress | None = None, terms: Terms = TERMS) -> Progress:
    """What it comes to with a measurement every ten seconds."""
    found, now = progress or begun(terms, 0.0), 100.0
    for judgement in judgements:
        found = measured(found, terms, judgement, now)
        now += 10.0
    return found


def test_nothing_is_exposed_before_the_new_release_is_there() -> None:
    assert exposure(begun(TERMS, 0.0), TERMS) == NOTHING
    assert exposure(after([UNKNOWN] * 50), TERMS) == NOTHING


def test_the_first_step_begins_once_the_new_release_is_ready() -> None:
    assert exposure(after([UNKNOWN, WELL]), TERMS) == TERMS.steps[0]


def test_a_step_lasts_until_its_measures_have_held_for_as_long_as_it_says() -> None:
    assert after([WELL] * 4).step == 0
    assert after([WELL] * 5).step == 1
    assert exposure(after([WELL] * 5), TERMS) == TERMS.steps[1]


def test_after_the_last_step_the_new_release_answers_everything() -> None:
    done = after([WELL] * 12)
    assert done.phase is Phase.COMPLETED
    assert exposure(done, TERMS) == EVERYTHING
    assert due_at(done, TERMS, 500.0) is None


def test_time_in_which_nobody_can_tell_does_not_count() -> None:
    assert after([WELL, WELL, WELL, *[UNKNOWN] * 100]).step == 0
    assert after([WELL, WELL, WELL, UNKNOWN, WELL, WELL]).step == 0
    assert after([WELL, WELL, WELL, UNKNOWN, WELL, WELL, WELL]).step == 1


def test_a_gap_between_measurements_counts_for_little() -> None:
    step = replace(after([WELL]), measured=100.0, verdict=Verdict.PASS)
    assert measured(step, replace(TERMS, steps=(Step(10, 0, 3600.0),)), WELL, 100_000.0).held == 30.0


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    step = replace(after([WELL]), measured=100.0, verdict=Verdict.PASS, held=5.0)
    assert measured(step, TERMS, WELL, 50.0).held == 5.0


def test_so_many_bad_measurements_in_a_row_abort_it() -> None:
    assert after([WELL, WELL, BAD]).phase is Phase.STEPPING
    assert after([WELL, WELL, BAD, WELL, BAD]).phase is Phase.STEPPING
    ended = after([WELL, WELL, BAD, BAD])
    assert (ended.phase, ended.reason, exposure(ended, TERMS)) == (Phase.ABORTED, "errors is 9", NOTHING)


def test_not_knowing_between_bad_measurements_does_not_forget_them() -> None:
    assert after([WELL, WELL, BAD, UNKNOWN, BAD]).phase is Phase.ABORTED


def test_without_measures_time_alone_counts() -> None:
    terms = replace(TERMS, analysis=None)
    assert after([WELL] * 12, terms=terms).phase is Phase.COMPLETED
    short = replace(terms, steps=(Step(5, 0, 25.0),))
    assert due_at(after([WELL, WELL, WELL, WELL], terms=short), terms, 130.0) == 140.0


def test_another_rollout_is_neither_exposed_nor_moved_by_this_one() -> None:
    other = replace(TERMS, identity="sha256:other")
    stepping = after([WELL] * 5)
    assert exposure(stepping, other) == NOTHING
    assert measured(stepping, other, BAD, 500.0) == stepping


def test_what_is_over_stays_as_it_is() -> None:
    done = after([WELL] * 12)
    assert aborted(done, "a person ended it", 900.0) == done
    assert after([BAD] * 5, progress=done) == done


JUDGEMENTS = st.lists(st.sampled_from([WELL, BAD, UNKNOWN]), max_size=60)


@given(JUDGEMENTS)
def test_the_weight_never_falls_but_to_nothing_and_for_good(judgements: list[Judgement]) -> None:
    weights, found, now = [0], begun(TERMS, 0.0), 0.0
    for judgement in judgements:
        now += 10.0
        found = measured(found, TERMS, judgement, now)
        weights.append(exposure(found, TERMS).weight)
    peak = weights.index(max(weights))
    assert weights[: peak + 1] == sorted(weights[: peak + 1])
    assert set(weights[peak:]) <= {max(weights), 0}
    assert found.phase is not Phase.ABORTED or weights[-1] == 0


@given(JUDGEMENTS)
def test_it_goes_on_only_after_as_much_good_time_as_its_steps_say(judgements: list[Judgement]) -> None:
    found = after(judgements)
    good = 10.0 * sum(one is WELL for one in judgements)
    needed = {Phase.COMPLETED: 90.0, Phase.STEPPING: 30.0 * found.step}.get(found.phase, 0.0)
    assert good >= needed


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in OVER])
def test_what_is_under_way_is_looked_at_again(phase: Phase) -> None:
    assert due_at(replace(begun(TERMS, 5.0), phase=phase, measured=20.0), TERMS, 20.0) == 30.0


def test_a_clock_that_went_back_makes_a_look_due_early_and_never_late() -> None:
    stepping = replace(begun(TERMS, 9000.0), phase=Phase.STEPPING)
    assert due_at(stepping, TERMS, 100.0) == 100.0
    assert due_at(replace(stepping, measured=9000.0), TERMS, 100.0) == 100.0
    assert measured(replace(stepping, measured=9000.0, verdict="pass"), TERMS, WELL, 100.0).held == 0.0
