from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.controller.adopting import adopted
from mlgitops.controller.goals import Followed
from mlgitops.controller.state import Key, ModelKey, Refusal, Result, State, TargetState, Word
from mlgitops.controller.watched import OVERDUE, watched
from mlgitops.controller.waves import Wave
from mlgitops.plan.on_call import Declared, on_call
from mlgitops.plan.problem import Place
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.report.on_call import text as screen
from mlgitops.report.style import Style
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.ledger import Known
from tests.unit.controller.conftest import MakeGoals

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


HEAD = "9a1b3c5d7e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b"


def test_a_branch_that_is_not_accepted_is_a_problem_with_what_changed_and_how_to_go_on() -> None:
    refusal = Refusal(NOW - 7200, HEAD, "Push commits that follow 3f9c2ab4d5e6.")
    (one,) = watched(state(refused="the branch does not follow it", refusal=refusal), NOW).problems
    assert (one.state, one.environment, one.wrong) == ("not followed", "", True)
    assert (one.since, one.reason) == ("2026-01-01T10:00:00Z", "the branch does not follow it")
    assert one.help == (
        "Push commits that follow 3f9c2ab4d5e6. "
        "What changed: git fetch && git log --oneline --left-right 3f9c2ab4d5e6...9a1b3c5d7e9f"
    )


def test_a_first_head_that_is_not_accepted_is_shown() -> None:
    known = State(refused="it is not signed", refusal=Refusal(NOW, HEAD, "Have it signed."))
    (one,) = watched(known, NOW).problems
    assert one.help == "Have it signed. It is: git fetch && git log --oneline --max-count=5 9a1b3c5d7e9f"


def test_a_branch_that_cannot_be_read_is_tried_from_here() -> None:
    (one,) = watched(state(refused="there is no route to it", refusal=Refusal(NOW - 60)), NOW).problems
    assert (one.since, one.help) == (
        "2026-01-01T11:59:00Z", "see whether it answers, and where its branches are: git ls-remote --heads origin",
    )  # fmt: skip


def test_an_environment_that_is_broken_in_git_is_a_problem() -> None:
    found = watched(state(broken={"prod": "a.yaml:1: wrong"}, broken_since={"prod": NOW - 3600}), NOW)
    (one,) = found.problems
    assert (one.state, one.environment, one.since) == ("broken", "prod", "2026-01-01T11:00:00Z")
    assert one.help == "mlgitops validate --env prod --revision 3f9c2ab4d5e6"  # here it may be mended by now


def test_since_when_is_left_out_where_an_older_controller_did_not_keep_it() -> None:
    found = watched(state(refused="it was rewritten", broken={"prod": "a.yaml:1: wrong"}), NOW).problems
    assert [(one.state, one.since) for one in found] == [("not followed", ""), ("broken", "")]


def test_both_on_the_screen_of_a_person_on_call(golden: Callable[[str, str], None]) -> None:
    known = state(
        refused="the branch is at 9a1b3c5d7e9f, which does not follow 3f9c2ab4d5e6, the last accepted commit",
        refusal=Refusal(
            NOW - 7200, HEAD, "Push commits that follow 3f9c2ab4d5e6, or accept it as docs/install.md says."
        ),
        broken={"prod": "environments/prod/models/iris.yaml:11:13: no runtime serves the format 'sklern'"},
        broken_since={"prod": NOW - 90_000},
    )
    found = on_call([], Declared("shop", HEAD, ["dev", "prod"]), watched(known, NOW))
    golden("report/on-call-git.txt", screen(found, Style(False), "2026-01-01T12:00:00Z", 100))


def test_that_an_environment_is_broken_is_not_told_target_by_target_again(make_goals: MakeGoals) -> None:
    known = adopted(state(Result(Word.IN_SYNC)), Followed(make_goals("c2", broken={"prod": "a.yaml:1: wrong"})), NOW)
    found = watched(known, NOW)
    assert ([one.state for one in found.problems], found.targets) == (["broken"], {})
    other = replace(known, targets={KEY: TargetState("sha256:d", Result(Word.FAILED, "iris failed"))})
    assert list(watched(other, NOW).targets) == [Place("prod", "aws")]


def test_a_rollout_that_stopped_says_how_far_it_got_and_how_it_goes_on() -> None:
    wave = Wave("x", COMMIT, failures={"aws": "iris failed"}, settled=frozenset({"gcp"}))
    (one,) = watched(state(Result(Word.FAILED), waves={"prod": wave}), NOW).problems
    assert (one.state, one.environment, one.wrong, one.since) == ("stopped", "prod", True, "2026-01-01T11:59:00Z")
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


@pytest.mark.parametrize(
    ("phase", "state", "wrong", "said"),
    [
        (Phase.WAITING, "progressing", False, "1.1 is brought out"),
        (Phase.STEPPING, "progressing", False, "1.1 is at step 2 of its rollout; aws: errors is no number"),
        (Phase.ABORTED, "stopped", True, "1.1 was taken back, and 1.0 answers all requests: aws: errors is 9"),
    ],
)
def test_a_rollout_by_steps_says_how_far_it_is_and_why_it_stopped(
    phase: Phase, state: str, wrong: bool, said: str
) -> None:
    reason = said.partition("; ")[2] or said.partition("requests: ")[2]
    progress = Progress("i", "1.1", "1.0", phase, 1, 10.0, reason=reason)
    (problem,) = watched(State("c1", progress={ModelKey("prod", "iris"): progress}), 20.0, 20.0).problems
    assert (problem.state, problem.wrong, problem.reason) == (state, wrong, said)
    assert problem.what == ("Model/iris",)
    assert ("rollback iris --env prod" in problem.help) == wrong


def test_a_rollout_that_is_over_is_no_problem() -> None:
    progress = Progress("i", "1.1", "1.0", Phase.COMPLETED)
    assert watched(State("c1", progress={ModelKey("prod", "iris"): progress}), 20.0, 20.0).problems == ()


def test_what_an_alert_says_of_a_model_is_told_until_it_is_over() -> None:
    cause = Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift")
    known = Known(cause, NOW - 60, targets={"aws": 0.0}, url="https://git.example.com/3")
    (problem,) = watched(state(responses={cause: known}), NOW).problems
    assert (problem.state, problem.what, problem.targets) == ("seen", ("Model/iris",), ("aws",))
    assert (problem.help, problem.wrong, problem.since) == ("https://git.example.com/3", False, "2026-01-01T11:59:00Z")
    assert not watched(state(responses={cause: replace(known, ended=NOW)}), NOW).problems
