"""How rollouts by steps follow from what was looked at, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlgitops.controller import stepping
from mlgitops.controller.goals import Goals
from mlgitops.controller.state import Key, ModelKey, Result, State, TargetState, Word
from mlgitops.controller.stepping import Due
from mlgitops.progressive.analysis import WELL, Judgement, Verdict
from mlgitops.progressive.progress import Phase, Progress, begun
from mlgitops.progressive.terms import Analysis, Measure, Step, Terms
from tests.unit.controller.conftest import MakeGoals

ANALYSIS = Analysis(10.0, 1, 20, "c", "a", 120.0, (Measure("errors", "n", max=1.0),))
TERMS = Terms(
    "iris", "sha256:i", "1.1", "1.0", "sha256:n", "iris-canary", ("HTTPRoute", "iris-traffic"),
    (Step(10, 0, 30.0), Step(50, 0, 60.0)), ANALYSIS,
)  # fmt: skip
IRIS = ModelKey("prod", "iris")
AWS = Key("prod", "aws")
NOW = 1000.0


@pytest.fixture
def goals(make_goals: MakeGoals) -> Goals:
    made = make_goals(targets=["aws"])
    goal = made.targets[AWS]
    target = replace(goal.target, rollouts=(TERMS,))
    return replace(made, targets={AWS: replace(goal, rendering=replace(goal.rendering, targets=(target,)))})


def state(progress: Progress) -> State:
    """All is written and well."""
    return State("c1", targets={AWS: TargetState("aws-1", Result(Word.IN_SYNC))}, progress={IRIS: progress})


def ahead(goals: Goals, progress: Progress, now: float = NOW) -> Due:
    (due,) = stepping.ahead(state(progress), goals, {}, now)
    return due


def test_what_was_looked_at_decides_on_the_step_that_it_is_of_and_no_other(goals: Goals) -> None:
    stepped = replace(begun(TERMS, 900.0), phase=Phase.STEPPING, step=1)
    looked = ahead(goals, stepped).looked
    bad = Judgement(Verdict.FAIL, "errors is 9")
    assert stepping.measured(state(stepped), goals, looked, bad, "", NOW).progress[IRIS].phase is Phase.ABORTED
    anew = state(begun(TERMS, NOW))  # a person had it begin again meanwhile
    assert stepping.measured(anew, goals, looked, bad, "", NOW) == anew
    assert stepping.measured(anew, goals, looked, WELL, "", NOW) == anew


def test_a_clock_that_went_back_leaves_nothing_exposed_without_being_looked_at(goals: Goals) -> None:
    exposed = replace(begun(TERMS, 9000.0), phase=Phase.STEPPING, measured=9010.0)
    assert ahead(goals, exposed).at <= NOW
