from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.state import LONGEST_PAUSE, Key, Pace, Result, TargetState, Word, after, carried
from mlgitops.controller.state import State as Whole

NEW = TargetState()
PACE = Pace(resync=300.0, memory=600.0)
FIELD = Disputed("ml/ConfigMap/a", "data.v", "sha256:a")


def looked(before: TargetState, word: Word, now: float, **more: object) -> TargetState:
    return after(before, "sha256:d", Result(word, **more), now, PACE)  # type: ignore[arg-type]


def test_a_target_that_is_well_is_looked_at_again_at_the_next_resync() -> None:
    state = looked(NEW, Word.IN_SYNC, 1000)
    assert (state.since, state.looked, state.succeeded, state.failures) == (1000, 1000, 1000, 0)
    assert 1270 <= state.next_attempt <= 1330


@given(st.integers(1, 40), st.floats(0, 1))
def test_after_each_failure_in_a_row_it_is_left_in_peace_for_longer_up_to_a_bound(failures: int, spread: float) -> None:
    state = TargetState(failures=failures - 1)
    once = after(state, "", Result(Word.FAILED), 0, Pace(300, spread))
    again = after(once, "", Result(Word.UNREACHABLE), 0, Pace(300, spread))
    assert again.failures == failures + 1
    assert 0 < once.next_attempt <= again.next_attempt <= LONGEST_PAUSE


def test_what_a_person_has_to_decide_is_not_tried_in_haste() -> None:
    assert looked(NEW, Word.REFUSED, 0).next_attempt >= 270


def test_a_look_at_a_few_objects_does_not_put_off_the_next_one_at_everything() -> None:
    state = looked(NEW, Word.IN_SYNC, 1000)
    due = state.next_attempt
    for now in range(1010, 1290, 10):
        state = looked(state, Word.APPLIED, now, narrow=True)
        assert (state.looked, state.next_attempt) == (now, due)
    assert looked(state, Word.IN_SYNC, 1300).next_attempt == due + 300


def test_a_look_at_a_few_objects_is_never_the_last_for_longer_than_the_resync() -> None:
    late = TargetState(next_attempt=10_000)
    assert looked(late, Word.APPLIED, 1000, narrow=True).next_attempt == 1300
    assert looked(late, Word.FAILED, 1000, narrow=True).next_attempt < 1011


def test_since_is_when_it_became_so_and_being_applied_and_in_sync_are_one() -> None:
    state = looked(looked(looked(NEW, Word.APPLIED, 10), Word.IN_SYNC, 20), Word.FAILED, 30)
    assert looked(looked(NEW, Word.APPLIED, 10), Word.IN_SYNC, 20).since == 10
    assert (state.since, state.succeeded) == (30, 20)
    assert looked(state, Word.FAILED, 40).since == 30
    assert looked(state, Word.IN_SYNC, 40).failures == 0


def test_repairs_are_remembered_for_as_long_as_they_count() -> None:
    first = looked(NEW, Word.APPLIED, 100, repairs=(Repair(FIELD, "", 100),))
    assert len(looked(first, Word.APPLIED, 600, repairs=(Repair(FIELD, "", 600),)).evidence) == 2
    assert [one.time for one in looked(first, Word.IN_SYNC, 701).evidence] == []


def test_what_is_left_alone_stays_so_where_nobody_could_look() -> None:
    fought = looked(NEW, Word.FIGHTING, 0, disputed=frozenset({FIELD}))
    assert looked(fought, Word.UNREACHABLE, 1).disputed == {FIELD}
    assert looked(fought, Word.IN_SYNC, 1, disputed=frozenset()).disputed == frozenset()


def test_a_commit_that_changes_nothing_there_is_there_at_once() -> None:
    state = carried(looked(NEW, Word.IN_SYNC, 0, commit="c1"), "c2")
    assert state.result
    assert state.result.commit == "c2"
    assert carried(NEW, "c2") == NEW


def test_nothing_is_known_of_a_target_that_nobody_looked_at() -> None:
    assert Whole().of(Key("prod", "aws")) == NEW
    assert NEW.word is None
