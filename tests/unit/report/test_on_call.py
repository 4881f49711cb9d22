from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.plan.problem import OnCall, Place, Problem, Watched, Well
from mlgitops.report import inert
from mlgitops.report import on_call as report
from mlgitops.report.style import Style

PLAIN = Style(False)
NOW = "2026-01-10T12:00:00Z"
COMMIT = "3f9c2ab4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0"
LOADING = (
    "the model could not be loaded: ModelLoadFailed: FileNotFoundError: [Errno 2] No such file or directory: "
    "'/mnt/models/model.joblib' while the container kserve-container of revision 00007 started for the fourth time"
)
DRIFT = "spec.predictor.maxReplicas of InferenceService/iris, set by kubectl-edit"
PROBLEMS = (
    Problem("unreachable", "prod", ("azure-prod",), (), "2026-01-10T09:00:00Z",
            "the cluster at https://10.1.0.4:6443 does not answer: connection timed out",
            "kubectl --context=azure-prod get --raw=/readyz"),
    Problem("failed", "prod", ("aws-prod",), ("fraud-detector",), "2026-01-10T11:20:00Z", LOADING,
            "mend it in Git, or go back: mlgitops rollback fraud-detector --env prod"),
    Problem("drifted", "prod", ("gcp-prod",), ("iris",), "2026-01-10T07:00:00Z", DRIFT,
            "mlgitops drift --env prod --target gcp-prod --model iris --fix"),
    Problem("waiting", "prod", ("edge-1", "edge-2", "edge-3"), (), "2026-01-10T11:59:30Z",
            "canary aws-prod comes first: is not ready yet", "mlgitops status --env prod", wrong=False),
    Problem("suspended", "dev", (), (), "2026-01-08T12:00:00Z", "the lab is being moved",
            "remove reconcile.suspend from environments/dev/environment.yaml", wrong=False),
)  # fmt: skip
WELL = (
    Well(Place("prod", "aws-prod"), "Model/iris", "1.4.0", "2026-01-07T00:00:00Z"),
    Well(Place("dev", "aws-dev"), "Pipeline/nightly"),
)


def found(*problems: Problem, well: tuple[Well, ...] = WELL) -> OnCall:
    return OnCall("shop", COMMIT, problems, well, 8, Watched("9a1b3c5d7e9f", "2026-01-10T10:00:00Z"))


@pytest.mark.parametrize("columns", [80, 200])
def test_one_screen_for_a_person_on_call(columns: int, golden: Callable[[str, str], None]) -> None:
    shown = report.text(found(*PROBLEMS), PLAIN, NOW, columns)
    golden(f"report/on-call-{columns}.txt", shown)
    assert max(map(inert.columns, shown.splitlines())) <= columns


def test_the_page_for_those_on_call_shows_this_screen() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs/operations.md").read_text(encoding="utf-8")
    assert report.text(found(*PROBLEMS), PLAIN, NOW, 80) in page


def test_everything_on_demand(golden: Callable[[str, str], None]) -> None:
    golden("report/on-call-verbose.txt", report.text(found(*PROBLEMS), PLAIN, NOW, 100, verbose=True))


def test_as_json(golden: Callable[[str, str], None]) -> None:
    document = report.json(found(*PROBLEMS))
    golden("report/on-call.json", document)
    assert json.loads(document)["wrong"] is True


def test_nothing_wrong_is_said_in_two_lines() -> None:
    nothing = OnCall("shop", COMMIT, (), WELL, 2)
    assert report.text(nothing, PLAIN, NOW, 80) == (
        "Project shop  nothing is wrong\nWell: 2 models and pipelines at 2 of 2 targets, in 2 environments.\n"
    )


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("number", [1, 5, 9, 10, 11, 40])
def test_any_number_of_problems_fits_one_screen(number: int, columns: int) -> None:
    lines = report.text(found(*[PROBLEMS[1]] * number), PLAIN, NOW, columns).splitlines()
    assert len(lines) <= report.LINES
    assert sum("rollback" in line for line in lines) == min(number, report.MOST)
    assert any(line.startswith(f"and {number - 10} more ({number - 10} failed)") for line in lines) == (number > 10)


def test_few_problems_leave_room_for_the_whole_reason() -> None:
    shown = report.text(found(PROBLEMS[1]), PLAIN, NOW, 80)
    assert "the fourth time" in shown


def test_a_command_is_never_cut() -> None:
    long = "mlgitops drift --env production-of-the-whole-group --target " + "very-" * 20 + "long --fix"
    shown = report.text(found(*[Problem("drifted", "prod", ("a",), help=long)] * 10), PLAIN, NOW, 80)
    assert f"    {long}\n" in shown


def test_colours_only_where_wanted() -> None:
    assert "\x1b" not in report.text(found(*PROBLEMS), PLAIN, NOW, 80)
    shown = report.text(found(*PROBLEMS), Style(True), NOW, 80)
    assert "\x1b[31mfailed\x1b[0m" in shown
    assert "\x1b[33msuspended\x1b[0m" in shown


def test_nothing_that_was_read_acts_on_the_terminal() -> None:
    evil = "\x1b[2J\n::error::forged ##vso[task.complete]\u202e"
    one = Problem(evil, evil, (evil,), (evil,), evil, evil, evil)
    shown = report.text(OnCall(evil, evil, (one,), (Well(Place(evil, evil), evil, evil),), 1, Watched(evil, evil)),
                        PLAIN, NOW, 80, verbose=True)  # fmt: skip
    assert "\x1b" not in shown
    assert "##vso[" not in shown
    assert "\u202e" not in shown
    assert [line for line in shown.splitlines() if line.lstrip().startswith("::")] == []


@pytest.mark.parametrize("columns", [1, 10, 40])
def test_a_narrow_screen_is_no_error(columns: int) -> None:
    assert "unreachable" in report.text(found(*PROBLEMS), PLAIN, NOW, columns)
