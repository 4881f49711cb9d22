from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mlgitops.controller.map_store import joined
from mlgitops.controller.shards import owner, part
from mlgitops.controller.state import Key, Refusal, Result, State, TargetState, Word
from mlgitops.controller.waves import Wave
from mlgitops.progressive.terms import Server
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.errands import Errand, Kind
from mlgitops.response.ledger import Known
from tests.unit.controller.conftest import MakeGoals

MEMBERS = st.sets(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=6)
NAMES = [f"prod/target-{number}" for number in range(200)]


@given(MEMBERS, st.randoms())
def test_everybody_agrees_on_the_owner_in_whatever_order_they_know_the_others(members: set[str], order: object) -> None:
    shuffled = sorted(members, key=lambda _: order.random())  # type: ignore[attr-defined]
    assert [owner(name, shuffled) for name in NAMES] == [owner(name, sorted(members)) for name in NAMES]


@given(MEMBERS, st.from_regex(r"[A-Z]{1,8}", fullmatch=True))
def test_who_comes_takes_from_the_others_and_nothing_else_moves(members: set[str], newcomer: str) -> None:
    before = {name: owner(name, members) for name in NAMES}
    after = {name: owner(name, {*members, newcomer}) for name in NAMES}
    assert {after[name] for name in NAMES if after[name] != before[name]} <= {newcomer}


def test_every_member_gets_about_as_many() -> None:
    counts = Counter(owner(name, ["a", "b", "c", "d"]) for name in NAMES)
    assert min(counts.values()) > 25


def test_a_part_has_some_targets_and_all_parts_have_every_one_once(make_goals: MakeGoals) -> None:
    goals = make_goals(targets=[f"t{number}" for number in range(30)])
    parts = [part(goals, member, {"a", "b", "c"}) for member in "abc"]
    assert sorted(key for one in parts for key in one.targets) == sorted(goals.targets)
    assert all(one.targets and one.commit == goals.commit for one in parts)


def test_who_is_alone_has_everything(make_goals: MakeGoals) -> None:
    goals = make_goals()
    assert part(goals, "a", {"a"}) is goals


def test_an_environment_that_is_rolled_out_in_waves_stays_together(make_goals: MakeGoals) -> None:
    goals = make_goals(targets=[f"t{number}" for number in range(30)], waves={})
    parts = [part(goals, member, {"a", "b", "c"}) for member in "abc"]
    assert sorted(len(one.targets) for one in parts) == [0, 0, 30]
    assert sorted(len(one.policies) for one in parts) == [0, 0, 1]


def test_what_is_broken_is_told_by_one_of_them(make_goals: MakeGoals) -> None:
    goals = make_goals(broken={"prod": "no"})
    assert sorted(len(part(goals, member, {"a", "b", "c"}).broken) for member in "abc") == [0, 0, 1]


def looked(at: float, word: Word = Word.IN_SYNC) -> TargetState:
    return TargetState("d", Result(word), looked=at)


def test_of_what_several_know_the_last_look_counts() -> None:
    aws, gcp = Key("prod", "aws"), Key("prod", "gcp")
    old = State("c1", 1.0, "rewritten", {aws: looked(1.0), gcp: looked(5.0)}, {"prod": Wave("1")}, broken={"dev": "no"})
    new = State("c2", 2.0, "", {aws: looked(9.0, Word.FAILED)}, {"prod": Wave("2")})
    both = joined([new, old])
    assert both == joined([old, new])
    assert (both.commit, both.waves["prod"].digest, both.broken) == ("c2", "2", {})
    assert both.targets == {aws: looked(9.0, Word.FAILED), gcp: looked(5.0)}
    assert joined([]) == State()


def test_of_several_that_know_of_the_same_trouble_the_first_to_notice_says_since_when() -> None:
    early = State("c1", 1.0, "rewritten", broken={"dev": "no"}, refusal=Refusal(5.0, "c9"), broken_since={"dev": 6.0})
    late = State("c1", 1.0, "rewritten", refusal=Refusal(7.0, "c9"))
    for states in ([early, late], [late, early]):
        assert (joined(states).refusal, joined(states).broken_since) == (Refusal(5.0, "c9"), {"dev": 6.0})
    older = State("c1", 1.0, "rewritten")
    assert joined([older, late]).refusal.since == 7.0


def test_an_environment_whose_alerts_are_looked_at_stays_together(make_goals: MakeGoals) -> None:
    goals = make_goals(targets=[f"t{number}" for number in range(30)])
    seen = {
        key: replace(
            goal, rendering=replace(goal.rendering, targets=(replace(goal.target, server=Server("http://p")),))
        )
        for key, goal in goals.targets.items()
    }
    parts = [part(replace(goals, targets=seen), member, {"a", "b", "c"}) for member in "abc"]
    assert sorted(len(one.targets) for one in parts) == [0, 0, 30]


def test_of_a_cause_that_was_taken_over_what_was_done_last_counts_whoever_looked_last() -> None:
    cause = Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")
    begun = Known(cause, 5.0, errands=(Errand(Kind.PULL),), action="rollback", revision=1)
    proposed = Known(cause, 5.0, action="rollback", result="opened", url="u", revision=2)
    there = {Key("prod", "aws"): TargetState("d", Result(Word.IN_SYNC), looked=9.0)}
    left = State("c1", targets=there, responses={cause: begun})
    taken = State("c1", targets=there, responses={cause: proposed})
    assert joined([left, taken]).responses == joined([taken, left]).responses == {cause: proposed}
