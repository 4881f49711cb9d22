from __future__ import annotations

from dataclasses import replace

from mlgitops.plan.drift import Edit
from mlgitops.plan.health import Health, State
from mlgitops.plan.on_call import NOT_APPLIED, Declared, on_call
from mlgitops.plan.problem import Place, Problem, Verdict, Watched
from mlgitops.plan.status import EnvironmentStatus, Running, TargetStatus

SINCE = "2026-01-10T11:00:00Z"
READY = Health(State.READY, since="2026-01-09T00:00:00Z")
FAILED = Health(State.FAILED, "the model could not be loaded", SINCE)
PLACE = Place("prod", "aws")
DECLARED = Declared("shop", "abc", ["dev", "prod"])


def row(name: str, health: Health = READY, *, drifted: bool = False, pending: bool = False) -> Running:
    return Running(f"Model/{name}", health, release="1.0", drifted=drifted, pending=pending)


def problems(
    *rows: Running, says: Verdict | None = None, declared: Declared = DECLARED, error: str = ""
) -> list[Problem]:
    status = EnvironmentStatus("prod", (TargetStatus("aws", rows, error=error),))
    watched = Watched("abc", SINCE, {PLACE: says}) if says else None
    return list(on_call([status], declared, watched).problems)


def states(found: list[Problem]) -> list[str]:
    return [one.state for one in found]


# What the targets say


def test_where_all_is_well_there_is_no_problem_and_it_is_counted() -> None:
    status = EnvironmentStatus("prod", (TargetStatus("aws", (row("iris"), row("rose"))),))
    found = on_call([status], DECLARED, None)
    assert (found.problems, len(found.well), found.wrong) == ((), 2, False)


def test_a_failed_model_says_where_since_when_why_and_how_to_go_back() -> None:
    (one,) = problems(row("iris", FAILED), row("rose"))
    assert (one.state, one.environment, one.targets, one.what) == ("failed", "prod", ("aws",), ("iris",))
    assert (one.since, one.reason, one.wrong) == (SINCE, "the model could not be loaded", True)
    assert one.help.endswith("mlgitops rollback iris --env prod")


def test_what_failed_and_was_changed_is_repaired() -> None:
    (one,) = problems(row("iris", FAILED, drifted=True))
    assert one.state == "failed"
    assert one.help == "mlgitops drift --env prod --target aws --model iris --fix"


def test_drift_says_what_was_changed_by_whom_and_since_when() -> None:
    edit = Edit("spec.replicas of InferenceService/iris, set by kubectl-edit", SINCE)
    (one,) = problems(replace(row("iris", drifted=True), edit=edit))
    assert (one.since, one.reason) == (SINCE, edit.told)


def test_what_failed_and_is_otherwise_in_git_by_now_is_planned() -> None:
    (one,) = problems(row("iris", FAILED, pending=True))
    assert one.help.endswith("mlgitops plan --env prod --target aws --model iris")


def test_drift_is_wrong_and_what_waits_or_goes_on_is_not() -> None:
    slow = Health(State.PROGRESSING, "0 of 1 ready", SINCE)
    found = problems(row("iris", drifted=True), row("rose", pending=True), row("tulip", slow))
    assert {one.state: one.wrong for one in found} == {"drifted": True, "pending": False, "progressing": False}


def test_what_was_changed_is_not_said_to_wait_as_well() -> None:
    assert states(problems(row("iris", drifted=True, pending=True))) == ["drifted"]


def test_what_waits_for_an_apply_is_told_of_once_an_environment() -> None:
    here = TargetStatus("aws", (row("iris", pending=True), row("rose", pending=True)))
    there = TargetStatus("gcp", (row("iris", pending=True),))
    (one,) = on_call([EnvironmentStatus("prod", (here, there))], DECLARED, None).problems
    assert (one.reason, one.targets, one.what) == (NOT_APPLIED, ("aws", "gcp"), ("iris", "rose"))
    assert one.help == "mlgitops plan --env prod"


def test_a_target_that_cannot_be_read_names_the_command_that_tries_it() -> None:
    declared = replace(DECLARED, probes={PLACE: "kubectl --context=prod get --raw=/readyz"})
    (one,) = problems(declared=declared, error="no connection")
    assert (one.state, one.reason) == ("unreachable", "no connection")
    assert one.help == "kubectl --context=prod get --raw=/readyz"


def test_a_target_that_may_not_be_read_is_no_target_out_of_reach() -> None:
    target = TargetStatus("aws", error="not allowed: list pods. Ask for it.", help="Ask for it.", forbidden=True)
    declared = replace(DECLARED, probes={PLACE: "kubectl get --raw=/readyz"})
    (one,) = on_call([EnvironmentStatus("prod", (target,))], declared, None).problems
    assert (one.state, one.reason, one.help, one.wrong) == ("forbidden", "not allowed: list pods", "Ask for it.", True)


def test_a_target_that_says_how_it_is_repaired_is_believed() -> None:
    rebuild = "mlgitops inventory rebuild --env prod --target aws"
    target = TargetStatus("aws", error=f"the inventory is corrupt. {rebuild}", help=rebuild)
    declared = replace(DECLARED, probes={PLACE: "kubectl get --raw=/readyz"})
    (one,) = on_call([EnvironmentStatus("prod", (target,))], declared, None).problems
    assert (one.reason, one.help) == ("the inventory is corrupt", rebuild)


def test_what_is_wrong_on_this_side_of_the_cluster_is_not_looked_for_in_the_cluster() -> None:
    declared = replace(DECLARED, probes={PLACE: "kubectl --kubeconfig=gone get --raw=/readyz"})
    target = TargetStatus("aws", error="there is no kubeconfig gone. Set KUBECONFIG.", help="Set KUBECONFIG.")
    (one,) = on_call([EnvironmentStatus("prod", (target,))], declared, None).problems
    assert (one.state, one.reason, one.help) == ("unreachable", "there is no kubeconfig gone", "Set KUBECONFIG.")


def test_a_cluster_that_does_not_answer_is_tried_rather_than_waited_for() -> None:
    probe = "kubectl --context=prod get --raw=/readyz"
    target = TargetStatus("aws", error="no connection. Try again.", help="Try again.", silent=True)
    status = [EnvironmentStatus("prod", (target,))]
    (one,) = on_call(status, replace(DECLARED, probes={PLACE: probe}), None).problems
    assert (one.reason, one.help) == ("no connection", probe)
    (one,) = on_call(status, DECLARED, None).problems
    assert one.help == "Try again."


def test_an_environment_that_cannot_be_rendered_is_a_problem_of_its_own() -> None:
    found = on_call([], replace(DECLARED, broken={"dev": "dev.yaml:3: wrong"}), None)
    (one,) = found.problems
    assert (one.state, one.environment, one.help) == ("broken", "dev", "mlgitops validate --env dev")


def test_a_suspended_environment_is_told_of_once_and_its_pending_changes_not_at_all() -> None:
    declared = replace(DECLARED, suspended={"prod": "we move to new nodes"})
    (one,) = problems(row("iris", pending=True), declared=declared)
    assert (one.state, one.targets, one.reason, one.wrong) == ("suspended", (), "we move to new nodes", False)
    assert "environments/prod/environment.yaml" in one.help


def test_where_nothing_is_to_be_done_a_change_by_hand_is_told_but_not_wrong() -> None:
    found = problems(row("iris", drifted=True), declared=replace(DECLARED, suspended={"prod": "by hand today"}))
    assert [(one.state, one.wrong) for one in found] == [("drifted", False), ("suspended", False)]


def test_worst_comes_first_and_the_last_environment_before_the_others() -> None:
    dev = EnvironmentStatus("dev", (TargetStatus("aws", (row("iris", FAILED),)),))
    slow = Health(State.PROGRESSING)
    prod = EnvironmentStatus("prod", (TargetStatus("aws", (row("a", slow), row("b", drifted=True), row("c", FAILED))),))
    found = on_call([dev, prod], DECLARED, Watched(problems=(Problem("not followed"),))).problems
    assert [(one.environment, one.state) for one in found] == [
        ("", "not followed"), ("prod", "failed"), ("prod", "drifted"), ("dev", "failed"), ("prod", "progressing"),
    ]  # fmt: skip


def test_names_are_quoted_for_the_shell() -> None:
    (one,) = problems(row("x; rm -rf ~", drifted=True))
    assert one.help == "mlgitops drift --env prod --target aws --model 'x; rm -rf ~' --fix"


# What the controller says


def test_what_the_controller_finds_well_adds_nothing() -> None:
    assert problems(row("iris"), says=Verdict("in-sync", well=True)) == []


def test_what_only_the_controller_knows_is_told() -> None:
    (one,) = problems(row("iris"), says=Verdict("refused", SINCE, "it deletes all", "apply it by hand", wrong=True))
    assert (one.state, one.since, one.reason, one.help, one.wrong) == (
        "refused", SINCE, "it deletes all", "apply it by hand", True,
    )  # fmt: skip


def test_of_the_same_failure_the_one_that_was_read_just_now_is_left() -> None:
    says = Verdict("failed", SINCE, "InferenceService ml/iris failed: no such file", wrong=True)
    (one,) = problems(row("iris", FAILED), says=says)
    assert one.what == ("iris",)


def test_another_failure_of_the_controller_is_told_beside_it() -> None:
    says = Verdict("failed", SINCE, "you may not patch inferenceservices", wrong=True)
    assert states(problems(row("iris", FAILED), says=says)) == ["failed", "failed"]


def test_what_is_not_ready_in_time_is_told_of_once() -> None:
    says = Verdict("failed", SINCE, "InferenceService ml/iris is not ready: 0 of 1", wrong=True)
    (one,) = problems(row("iris", Health(State.PROGRESSING, "0 of 1")), says=says)
    assert (one.state, one.wrong) == ("failed", True)


def test_what_is_not_ready_yet_is_told_of_once_with_what_it_is_that_is_not() -> None:
    says = Verdict("progressing", SINCE, "not all of commit abc was ready when a newer one said something else")
    (one,) = problems(row("iris", Health(State.PROGRESSING, "0 of 1")), says=says)
    assert (one.state, one.what) == ("progressing", ("iris",))
    (one,) = problems(row("iris"), says=says)
    assert (one.state, one.wrong) == ("progressing", False)


def test_the_controllers_reason_why_something_waits_goes_before_ours() -> None:
    says = Verdict("waiting", SINCE, "canary gcp comes first")
    (one,) = problems(row("iris", pending=True), says=says)
    assert (one.state, one.reason) == ("waiting", "canary gcp comes first")


def test_a_fight_is_told_of_and_not_the_drift_that_it_is() -> None:
    says = Verdict("fighting", SINCE, "autoscaler keeps changing spec.replicas", "stop the other writer", wrong=True)
    assert states(problems(row("iris", drifted=True), says=says)) == ["fighting"]


def test_drift_that_the_controller_only_reports_is_told_of_model_by_model() -> None:
    (one,) = problems(row("iris", drifted=True), says=Verdict("drifted", SINCE, "mode is report"))
    assert (one.state, one.what, one.since) == ("drifted", ("iris",), SINCE)


def test_a_target_that_only_the_controller_reaches_is_not_wrong() -> None:
    (one,) = problems(error="no connection", says=Verdict("in-sync", well=True))
    assert (one.state, one.wrong) == ("unread", False)
    assert "the controller reaches it, and says in-sync" in one.reason


def test_what_the_controller_says_of_a_target_that_is_not_read_here_is_told() -> None:
    found = problems(error="no connection", says=Verdict("failed", SINCE, "iris failed", wrong=True))
    assert states(found) == ["failed", "unread"]


def test_a_target_that_nobody_reaches_is_unreachable_since_the_controller_noticed() -> None:
    (one,) = problems(error="no connection", says=Verdict("unreachable", SINCE, "connection refused", wrong=True))
    assert (one.state, one.since, one.reason) == ("unreachable", SINCE, "no connection")


def test_a_target_that_only_the_controller_cannot_reach_is_told() -> None:
    (one,) = problems(row("iris"), says=Verdict("unreachable", SINCE, "connection refused", wrong=True))
    assert one.reason == "by the controller, though not from here: connection refused"


def test_the_controller_knows_since_when_an_environment_is_suspended() -> None:
    declared = replace(DECLARED, suspended={"prod": "new nodes"})
    (one,) = problems(row("iris"), declared=declared, says=Verdict("suspended", SINCE, "new nodes"))
    assert (one.since, one.reason) == (SINCE, "new nodes")


def test_an_environment_that_is_broken_for_both_is_told_of_once_with_what_the_controller_knows_of_its_targets() -> None:
    declared = replace(DECLARED, broken={"prod": "wrong here"})
    says = Verdict("failed", SINCE, "iris failed", wrong=True)
    watched = Watched("abc", SINCE, {PLACE: says}, (Problem("broken", "prod", since=SINCE, reason="wrong there"),))
    found = on_call([], declared, watched).problems
    assert [(one.state, one.reason) for one in found] == [("broken", "wrong here"), ("failed", "iris failed")]
    assert found[0].since == SINCE


def test_targets_that_wait_for_the_same_are_one_problem() -> None:
    verdicts = {Place("prod", name): Verdict("waiting", SINCE, "canary a comes first", "wait") for name in "bcd"}
    status = EnvironmentStatus("prod", tuple(TargetStatus(name, (row("iris"),)) for name in "bcd"))
    (one,) = on_call([status], DECLARED, Watched(targets=verdicts)).problems
    assert one.targets == ("b", "c", "d")
