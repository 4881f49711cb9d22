from __future__ import annotations

from dataclasses import replace

import pytest

from mlgitops.controller.adopting import adopted, asked
from mlgitops.controller.goals import Followed, Goals
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import Key, Refusal, Result, State, TargetState, Word
from mlgitops.controller.waves import Wave
from mlgitops.sources.mirror import Refused
from tests.unit.controller.conftest import MakeGoals

AWS, GCP = Key("prod", "aws"), Key("prod", "gcp")
GOOD = TargetState("aws-1", Result(Word.IN_SYNC, commit="c1"), since=1.0)


def state(**targets: TargetState) -> State:
    return State("c1", 10.0, targets={Key("prod", name): one for name, one in targets.items()})


def test_a_new_commit_is_taken_up_with_the_time(make_goals: MakeGoals) -> None:
    after = adopted(State(), Followed(make_goals()), 20.0)
    assert (after.commit, after.committed, set(after.targets)) == ("c1", 20.0, set(make_goals().targets))
    assert adopted(after, Followed(make_goals()), 30.0).committed == 20.0


def test_a_target_that_a_commit_does_not_change_has_it_at_once(make_goals: MakeGoals) -> None:
    after = adopted(state(aws=GOOD, gcp=GOOD), Followed(make_goals("c2")), 20.0)
    results = {key.target: one.result for key, one in after.targets.items()}
    assert results["aws"] == Result(Word.IN_SYNC, commit="c2")
    assert results["gcp"] == GOOD.result  # what was there was something else


def test_what_git_no_longer_has_is_forgotten(make_goals: MakeGoals) -> None:
    after = adopted(state(aws=GOOD, gone=GOOD), Followed(make_goals(targets=["aws"])), 20.0)
    assert set(after.targets) == {AWS}


def test_an_environment_that_cannot_be_rendered_keeps_its_targets_and_says_why(make_goals: MakeGoals) -> None:
    broken = make_goals("c2", broken={"prod": "models/iris.yaml:3:1: no"})
    after = adopted(state(aws=GOOD), Followed(broken), 20.0)
    one = after.targets[AWS]
    assert one.result
    assert (one.word, one.digest, one.since) == (Word.FAILED, "", 20.0)
    assert one.result.reason == "commit c2 cannot be rendered: models/iris.yaml:3:1: no"
    assert adopted(after, Followed(broken), 30.0).targets[AWS].since == 20.0
    assert after.broken == {"prod": "models/iris.yaml:3:1: no"}


def test_nothing_is_forgotten_where_git_could_not_be_read_yet() -> None:
    before = replace(state(aws=GOOD), waves={"prod": Wave("1")}, approved={"prod": "1"})
    after = adopted(before, Followed(Goals(), unread="no route"), 20.0)
    assert after.approved == before.approved
    assert (after.targets, after.waves, after.commit, after.refused) == (before.targets, before.waves, "c1", "no route")


def test_a_refused_head_is_told_and_the_last_commit_stays(make_goals: MakeGoals) -> None:
    after = adopted(state(aws=GOOD), Followed(make_goals(), Refused("c9", "it was rewritten", "push on top")), 20.0)
    assert (after.commit, after.refused) == ("c1", "it was rewritten")
    assert adopted(after, Followed(make_goals()), 21.0).refused == ""


REWRITTEN = Refused("c9", "it was rewritten", "push on top")


def test_since_when_the_branch_is_not_followed_stays_while_it_is_not(make_goals: MakeGoals) -> None:
    goals = make_goals()
    first = adopted(state(aws=GOOD), Followed(goals, REWRITTEN), 20.0)
    assert first.refusal == Refusal(20.0, "c9", "push on top")
    moved = adopted(first, Followed(goals, Refused("c10", "it was rewritten again", "push on top")), 30.0)
    assert moved.refusal == Refusal(20.0, "c10", "push on top")
    unread = adopted(moved, Followed(goals, unread="no route"), 40.0)
    assert (unread.refused, unread.refusal) == ("no route", Refusal(20.0))
    mended = adopted(unread, Followed(goals), 50.0)
    assert mended.refusal == Refusal()
    assert adopted(mended, Followed(goals, REWRITTEN), 60.0).refusal.since == 60.0


def test_a_project_that_cannot_be_read_at_a_commit_is_told_with_the_commit(make_goals: MakeGoals) -> None:
    followed = Followed(make_goals(), unread="commit c2 cannot be used: mlgitops.yaml:1: no", unusable="c2")
    assert adopted(state(aws=GOOD), followed, 20.0).refusal == Refusal(20.0, "c2", "Mend it in Git, or revert it.")


def test_who_takes_over_goes_on_with_what_was_known_of_a_refused_head(make_goals: MakeGoals) -> None:
    known = adopted(state(aws=GOOD), Followed(make_goals(), REWRITTEN), 20.0)
    assert adopted(known, Followed(Goals(), unread=known.refused), 30.0).refusal == known.refusal


def test_since_when_an_environment_is_broken_stays_while_it_is(make_goals: MakeGoals) -> None:
    first = adopted(state(aws=GOOD), Followed(make_goals("c2", broken={"prod": "no"})), 20.0)
    assert first.broken_since == {"prod": 20.0}
    later = adopted(first, Followed(make_goals("c3", broken={"prod": "neither", "dev": "no"})), 30.0)
    assert later.broken_since == {"prod": 20.0, "dev": 30.0}
    assert adopted(later, Followed(make_goals("c4")), 40.0).broken_since == {}


def test_what_is_broken_is_not_forgotten_where_git_could_not_be_read_yet(make_goals: MakeGoals) -> None:
    known = adopted(state(aws=GOOD), Followed(make_goals("c2", broken={"prod": "no"})), 20.0)
    unread = adopted(known, Followed(Goals(), unread="no route"), 30.0)
    assert (unread.broken, unread.broken_since) == ({"prod": "no"}, {"prod": 20.0})


def test_of_what_an_older_controller_found_wrong_nobody_knows_since_when(make_goals: MakeGoals) -> None:
    older = replace(state(aws=GOOD), refused="it was rewritten", broken={"prod": "no"})
    after = adopted(older, Followed(make_goals("c2", broken={"prod": "no"}), REWRITTEN), 20.0)
    assert (after.refusal.since, after.broken_since) == (0.0, {"prod": 0.0})


def test_a_rollout_begins_anew_where_something_else_is_to_be_there(make_goals: MakeGoals) -> None:
    begun = Wave("1", "c1", frozenset({"aws"}), failures={"aws": "it crashes"})
    before = replace(state(), waves={"prod": begun, "gone": begun})
    assert adopted(before, Followed(make_goals("c2", "1", waves={})), 20.0).waves == {"prod": begun}
    assert adopted(before, Followed(make_goals("c2", "2", waves={})), 20.0).waves == {"prod": Wave("2", "c2")}
    assert adopted(before, Followed(make_goals("c2", "2")), 20.0).waves == {}


def test_an_approval_is_of_what_is_to_be_there_and_not_of_what_comes_later(make_goals: MakeGoals) -> None:
    approved = asked(state(), Request(Verb.APPROVE, "prod"), make_goals(), 0.0)
    assert approved.approved == {"prod": "1"}
    assert adopted(approved, Followed(make_goals("c2", "1")), 20.0).approved == {"prod": "1"}
    assert adopted(approved, Followed(make_goals("c2", "2")), 20.0).approved == {}


def test_resuming_tries_again_at_once_what_failed(make_goals: MakeGoals) -> None:
    failed = TargetState("aws-1", Result(Word.FAILED), failures=5, next_attempt=900.0)
    wave = Wave("1", begun=frozenset({"aws"}), failures={"aws": "it crashes"})
    before = replace(state(aws=failed, gcp=failed), waves={"prod": wave})
    after = asked(before, Request(Verb.RESUME, "prod"), make_goals(waves={}), 0.0)
    assert (after.waves["prod"].failures, after.targets[AWS].next_attempt) == ({}, 0.0)
    assert after.targets[GCP].next_attempt == 900.0


def test_aborting_ends_a_rollout_and_resuming_takes_it_up_again(make_goals: MakeGoals) -> None:
    before = replace(state(), waves={"prod": Wave("1")})
    aborted = asked(before, Request(Verb.ABORT, "prod"), make_goals(waves={}), 0.0)
    assert aborted.waves["prod"].aborted
    assert not asked(aborted, Request(Verb.RESUME, "prod"), make_goals(waves={}), 0.0).waves["prod"].aborted


@pytest.mark.parametrize("verb", Verb)
def test_what_is_about_nothing_that_is_there_changes_nothing(make_goals: MakeGoals, verb: Verb) -> None:
    assert asked(state(), Request(verb, "nowhere"), make_goals(), 0.0) == state()
