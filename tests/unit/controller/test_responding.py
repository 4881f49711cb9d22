"""When the controller looks at alerts and does what follows: never in a rush, and never what it could not remember."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mlgitops.controller.goals import Goals
from mlgitops.controller.jobs import Jobs
from mlgitops.controller.outside import Outside
from mlgitops.controller.responding import INTERVAL, Responding
from mlgitops.controller.state import Key, State
from mlgitops.manifest import LABEL_MODEL
from mlgitops.progressive.terms import Server
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.errands import Errand, Kind
from mlgitops.response.ledger import Known
from tests.unit.controller.conftest import SERVICE, MakeGoals

NOW = 1_800_000_000.0
AWS = Key("prod", "aws")
CAUSE = Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")
KNOWN = Known(CAUSE, NOW, targets={"aws": 0.0}, errands=(Errand(Kind.EVENT),), revision=1)
LABELS = {"environment": "prod", "target": "aws", "model": "iris", "version": "1.0"}
RULE = {
    "kind": "PrometheusRule", "metadata": {"name": "iris", "labels": {LABEL_MODEL: "iris"}},
    "spec": {"groups": [{"name": "iris", "rules": [{"alert": "ModelDataDrift", "expr": "age > 1", "labels": LABELS}]}]},
}  # fmt: skip


class World:
    """What the responses take from outside; a look and an errand last until ``go``."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.looks: list[Key] = []
        self.answered: list[Cause] = []
        self.jobs = Jobs(lambda: None, time.monotonic)
        reporter = SimpleNamespace(caused=lambda _: None, watched=lambda *_: None, responded=lambda *_: None)
        outside = SimpleNamespace(reporter=reporter, watch=self._watch, answer=self._answer, opens=False)
        self.responding = Responding(cast("Outside", outside))

    def _watch(self, goal: Any, *_: Any) -> tuple[()]:
        self.looks.append(goal.key)
        self.go.wait(10)
        return ()

    def _answer(self, known: Known, *_: Any) -> tuple[()]:
        self.answered.append(known.cause)
        self.go.wait(10)
        return ()

    def start(self, state: State, goals: Goals, now: float = NOW, *, is_kept: bool = True) -> None:
        self.responding.start(state, goals, self.jobs, now, is_kept=is_kept)

    def waits(self, state: State, goals: Goals, now: float = NOW) -> list[float]:
        return list(self.responding.waits(state, goals, self.jobs, now))

    def end(self) -> None:
        """Everything under way ends, and is known."""
        self.go.set()
        assert self.jobs.stop(10)
        self.jobs.ended()


@pytest.fixture
def world() -> Iterator[World]:
    one = World()
    yield one
    one.end()


@pytest.fixture
def goals(make_goals: MakeGoals) -> Goals:
    """One target with a Prometheus and one alert."""
    return with_manifests(make_goals(targets=["aws"]), SERVICE, RULE)


def with_manifests(goals: Goals, *manifests: Any) -> Goals:
    goal = goals.targets[AWS]
    target = replace(goal.target, manifests=manifests, server=Server("http://prometheus"))
    return replace(goals, targets={AWS: replace(goal, rendering=replace(goal.rendering, targets=(target,)))})


def test_a_look_that_takes_long_is_waited_for_and_not_for_the_next_one(world: World, goals: Goals) -> None:
    world.start(State(), goals)
    assert world.waits(State(), goals, NOW + 2 * INTERVAL) == []
    world.end()
    assert world.waits(State(), goals, NOW + 2 * INTERVAL) == [-INTERVAL]


def test_a_clock_that_went_back_puts_no_look_off(world: World, goals: Goals) -> None:
    world.go.set()
    world.start(State(), goals, NOW + 9 * INTERVAL)
    world.end()
    world.start(State(), goals, NOW)
    assert world.looks == [AWS, AWS]


def test_nothing_is_done_and_nothing_hurries_where_the_state_cannot_be_kept(world: World, goals: Goals) -> None:
    state = State("c1", responses={CAUSE: KNOWN})
    world.start(state, goals, is_kept=False)
    assert (world.answered, world.waits(state, goals)) == ([], [])
    world.start(state, goals)
    world.end()
    assert world.answered == [CAUSE]


@pytest.mark.parametrize("left", [(SERVICE,), ()], ids=["the alert", "the model"])
def test_what_git_has_no_longer_is_over(world: World, goals: Goals, left: Any) -> None:
    state = State("c1", responses={CAUSE: KNOWN})
    assert world.responding.noticed(state, goals, NOW) == state
    found = world.responding.noticed(state, with_manifests(goals, *left), NOW + 1).responses[CAUSE]
    assert (found.is_active, found.revision) == (False, 2)


def test_what_cannot_be_rendered_now_stays_as_it_is(world: World, make_goals: MakeGoals) -> None:
    state = State("c1", responses={CAUSE: KNOWN})
    assert world.responding.noticed(state, make_goals(broken={"prod": "no"}), NOW).responses == {CAUSE: KNOWN}
    elsewhere = make_goals(broken={"dev": "no"})
    assert world.responding.noticed(state, elsewhere, NOW).responses == {}
