from __future__ import annotations

from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.controller.watched import OVERDUE, watched
from mlgitops.controller.waves import Wave
from mlgitops.plan.problem import Place

NOW = 1_767_268_800.0
COMMIT = "3f9c2ab4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0"
KEY = Key("prod", "aws")


def state(result: Result | None = None, **more: object) -> State:
    one = TargetState(result=result, since=NOW - 60, looked=NOW - 30, next_attempt=NOW + 300)
    return State(COMMIT, NOW - 3600, targets={KEY: one}, **more)  # type: ignore[arg-type]


def test_what_is_known_of_a_target_is_told_with_since_when() -> None:
    found = watched(state(Result(Word.REFUSED, "it deletes all", "apply it by hand")), NOW)
    verdict = found.targets[Place("prod", "aws")]
    assert (verdict.word, verdict.since, verdict.reason, verdict.help) == (
        "refused", "2026-01-01T11:59:00Z", "it deletes all", "apply it by hand",
    )  # fmt: skip
    assert (verdict.well, verdict.wrong) == (False, True)
    assert (found.commit, found.since, found.problems) == (COMMIT, "2026-01-01T11:00:00Z", ())


def test_every_word_is_well_or_wrong_or_neither() -> None:
    found = {word: watched(state(Result(word)), NOW).targets[Place("prod", "aws")] for word in Word}
    assert {word for word, one in found.items() if one.well} == {Word.IN_SYNC, Word.APPLIED}
    assert {word for word, one in found.items() if one.wrong} == {
        Word.FAILED, Word.UNREACHABLE, Word.REFUSED, Word.FIGHTING,
    }  # fmt: skip


def test_a_branch_that_is_not_followed_any_further_is_a_problem() -> None:
    (one,) = watched(state(refused="the new head does not descend from the last one"), NOW).problems
    assert (one.state, one.environment, one.wrong) == ("not followed", "", True)
    assert COMMIT[:12] in one.help


def test_an_environment_that_is_broken_in_git_is_a_problem() -> None:
    (one,) = watched(state(broken={"prod": "a.yaml:1: wrong"}), NOW).problems
    assert (one.state, one.environment, one.help) == ("broken", "prod", "mlgitops validate --env prod")


def test_a_rollout_that_stopped_says_how_far_it_got_and_how_it_goes_on() -> None:
    wave = Wave("x", COMMIT, failures={"aws": "iris failed"}, settled=frozenset({"gcp"}))
    (one,) = watched(state(waves={"prod": wave}), NOW).problems
    assert (one.state, one.environment, one.wrong) == ("stopped", "prod", True)
    assert one.reason == "the rollout of 3f9c2ab4d5e6 got to 1 of 1 targets; aws failed: iris failed"
    assert one.help.endswith("mlgitops rollout resume --env prod")


def test_a_rollout_that_somebody_aborted_is_held_back() -> None:
    (one,) = watched(state(waves={"prod": Wave("x", COMMIT, aborted=True)}), NOW).problems
    assert (one.state, one.wrong) == ("stopped", False)


def test_a_rollout_that_goes_on_is_no_problem() -> None:
    assert watched(state(waves={"prod": Wave("x", COMMIT)}), NOW).problems == ()


def test_a_controller_that_does_not_look_any_more_is_noticed() -> None:
    known = state(Result(Word.IN_SYNC))
    assert watched(known, NOW + 300 + OVERDUE).problems == ()
    (one,) = watched(known, NOW + 301 + OVERDUE).problems
    assert (one.state, one.since, one.wrong) == ("no controller", "2026-01-01T11:59:30Z", True)


def test_a_controller_that_leads_runs_although_nothing_new_was_written() -> None:
    late = NOW + 10 * OVERDUE
    assert watched(state(Result(Word.IN_SYNC)), late, led=late - 20).problems == ()


def test_a_time_that_is_none_is_left_out() -> None:
    one = TargetState(result=Result(Word.FAILED), since=1e300, next_attempt=NOW)
    assert watched(State(COMMIT, float("nan"), targets={KEY: one}), NOW).targets[Place("prod", "aws")].since == ""


def test_a_controller_that_has_read_nothing_yet_says_so() -> None:
    assert [one.state for one in watched(State(), NOW).problems] == ["not followed"]
