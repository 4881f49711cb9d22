from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from mlgitops.controller import rollouts
from mlgitops.controller.goals import Goals
from mlgitops.controller.rollouts import Started
from mlgitops.controller.state import Key, Pace, Result, State, TargetState, Word, after
from mlgitops.controller.turns import Turns, View
from tests.unit.controller.conftest import MakeGoals

AWS, GCP, AZURE = (Key("prod", name) for name in ("aws", "gcp", "azure"))
CANARY: dict[str, Any] = {"waves": {"canary": ["gcp"], "maxUnavailable": 1}}


def looked(goals: Goals, now: float = 0.0, **words: Word) -> State:
    """The state after each target was looked at, with that result."""
    targets = {
        Key("prod", name): after(TargetState(), goals.targets[Key("prod", name)].digest, Result(word), now, Pace(300))
        for name, word in words.items()
    }
    return State(goals.commit, targets=targets, waves=rollouts.current(State(), goals))


def due(turns: Turns, goals: Goals, state: State, busy: Collection[Key] = (), now: float = 1.0) -> list[str]:
    return [goal.key.target for goal in turns.due(View(state, goals, busy, busy, now))]


def test_what_nobody_looked_at_is_due_and_what_is_worked_on_is_not(make_goals: MakeGoals) -> None:
    goals = make_goals()
    assert due(Turns(once=False), goals, State(), busy=[GCP]) == ["aws", "azure"]


def test_the_longest_overdue_comes_first(make_goals: MakeGoals) -> None:
    goals = make_goals()
    state = looked(goals, aws=Word.IN_SYNC, gcp=Word.IN_SYNC)
    assert due(Turns(once=False), goals, state, now=0.0) == ["azure"]
    assert due(Turns(once=False), goals, state, now=1000.0) == ["azure", "aws", "gcp"]


def test_where_something_is_half_ready_it_goes_on_before_others_begin(make_goals: MakeGoals) -> None:
    before, goals = make_goals(), make_goals("c2", "2", waves={"maxUnavailable": 1})
    state = looked(before, aws=Word.IN_SYNC, azure=Word.IN_SYNC)
    overtaken = after(TargetState(), "gcp-1", Result(Word.PROGRESSING, touched=True), 5.0, Pace(300))
    state = replace(state, targets={**state.targets, GCP: overtaken}, waves=rollouts.current(state, goals))
    assert due(Turns(once=False), goals, state) == ["gcp", "aws", "azure"]


def test_once_means_once_whatever_it_came_to(make_goals: MakeGoals) -> None:
    goals, turns = make_goals(), Turns(once=True)
    state = looked(goals, aws=Word.IN_SYNC, gcp=Word.FAILED, azure=Word.IN_SYNC)
    assert set(due(turns, goals, state)) == {"aws", "gcp", "azure"}
    for key in (AWS, GCP, AZURE):
        turns.had(key)
    assert due(turns, goals, state, now=10_000.0) == []


def test_whoever_waited_for_its_turn_is_due_once_it_comes(make_goals: MakeGoals) -> None:
    goals, turns = make_goals(**CANARY), Turns(once=True)
    state = looked(goals, aws=Word.WAITING, gcp=Word.APPLIED, azure=Word.WAITING)
    for key in (AWS, GCP, AZURE):
        turns.had(key)
    assert due(turns, goals, state) == []
    done = Started(goals.targets[GCP], "1", writes=True, fresh=True)
    state = rollouts.ended(rollouts.began(state, GCP), done, Result(Word.APPLIED, touched=True), 1.0)
    assert due(turns, goals, state) == ["aws", "azure"]
    assert due(turns, goals, rollouts.began(state, AWS), busy=[AWS]) == []


def test_what_is_pending_is_due_once_it_was_approved(make_goals: MakeGoals) -> None:
    goals, turns = make_goals(mode="manual"), Turns(once=False)
    state = looked(goals, aws=Word.PENDING, gcp=Word.IN_SYNC, azure=Word.PENDING)
    assert due(turns, goals, state) == []
    assert due(turns, goals, replace(state, approved={"prod": "1"})) == ["aws", "azure"]


def test_a_target_waits_for_others_of_its_environment_and_not_for_itself(make_goals: MakeGoals) -> None:
    goals, turns = make_goals(waves={"maxUnavailable": 1}), Turns(once=False)
    state = looked(goals)
    view = View(state, goals, [AWS], [AWS], 1.0)
    assert turns.withheld(goals.targets[AWS], view) is None
    held = turns.withheld(goals.targets[GCP], view)
    assert held
    assert (held.word, held.reason) == (Word.WAITING, "1 of at most 1 are under way; aws has not begun")


def test_a_rollout_that_stopped_says_what_to_do(make_goals: MakeGoals) -> None:
    goals, turns = make_goals(**CANARY), Turns(once=False)
    failed = Result(Word.FAILED, "iris is not ready", touched=True)
    state = rollouts.began(looked(goals), GCP)
    state = rollouts.ended(state, Started(goals.targets[GCP], "1", writes=True, fresh=True), failed, 1.0)
    held = turns.withheld(goals.targets[AWS], View(state, goals, (), (), 2.0))
    assert held
    assert held.reason == "the rollout stopped, since gcp failed: iris is not ready"
    assert held.help == "mend it in Git, or mlgitops rollout resume --env prod"


def test_an_attempt_that_wrote_nothing_leaves_no_trace_in_the_rollout(make_goals: MakeGoals) -> None:
    goals = make_goals(**CANARY)
    state = rollouts.began(looked(goals), GCP)
    started = Started(goals.targets[GCP], "1", writes=True, fresh=True)
    assert rollouts.ended(state, started, Result(Word.UNREACHABLE), 1.0).waves["prod"].begun == frozenset()
    assert rollouts.ended(state, started, Result(Word.IN_SYNC), 1.0).waves["prod"].settled == {"gcp"}
    cut_off = replace(started, fresh=False)
    assert rollouts.ended(state, cut_off, Result(Word.IN_SYNC), 1.0).waves["prod"].ready == {"gcp": 1.0}


def test_a_target_that_git_overtook_stops_no_rollout_and_is_still_under_way(make_goals: MakeGoals) -> None:
    goals = make_goals(**CANARY)
    state = rollouts.began(looked(goals), GCP)
    started = Started(goals.targets[GCP], "1", writes=True, fresh=True)
    wave = rollouts.ended(state, started, Result(Word.PROGRESSING, touched=True), 1.0).waves["prod"]
    assert (set(wave.begun), dict(wave.ready), dict(wave.failures)) == ({"gcp"}, {}, {})


def test_what_belongs_to_an_older_rollout_says_nothing_about_this_one(make_goals: MakeGoals) -> None:
    state = looked(make_goals("c2", "2", **CANARY))
    late = Started(make_goals(**CANARY).targets[GCP], "1", writes=True, fresh=True)
    assert rollouts.ended(state, late, Result(Word.APPLIED, touched=True), 1.0) == state


def test_what_a_target_waits_for_is_told_as_it_is_now(make_goals: MakeGoals) -> None:
    goals, turns = make_goals(waves={"canary": ["gcp"], "soak": "1h"}), Turns(once=False)
    state = rollouts.began(looked(goals, aws=Word.WAITING), GCP)
    done = Started(goals.targets[GCP], "1", writes=True, fresh=True)
    state = rollouts.ended(state, done, Result(Word.APPLIED, touched=True), 1.0)
    told = turns.told(View(state, goals, (), (), 2.0)).targets[AWS].result
    assert told
    assert told.reason.endswith("canary gcp comes first: is ready, and soaks")
