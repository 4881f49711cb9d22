from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.progress import progress
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.outcome import ObjectOutcome, Result
from mlgitops.workflows.plan import plans
from mlgitops.workflows.project import open_project


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def plan(project: Any) -> Plan:
    """A plan that creates one object."""
    root: Path = project()
    (made,) = plans(open_project(root, None, no_cache=True), Asked())
    return made


def advanced(plan: Plan, *, wanted: bool = True, result: Result = Result.DONE) -> None:
    with progress(plan, wanted=wanted) as advance:
        for target in plan.targets:
            for change in target.pending:
                advance(ObjectOutcome(change.identity, change.action, change.owner, result, target=target.target))


def test_a_log_has_a_line_for_each_object_on_stderr(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    advanced(plan)
    assert capsys.readouterr() == ("", "created models/InferenceService/iris\n")


def test_what_was_not_done_is_not_told_as_if_it_were(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    advanced(plan, result=Result.FAILED)
    advanced(plan, result=Result.SKIPPED)
    assert capsys.readouterr().err == (
        "failed to create models/InferenceService/iris\nskipped models/InferenceService/iris\n"
    )


def test_of_several_targets_each_line_says_which(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    (here,) = plan.targets
    several = replace(plan, targets=(here, replace(here, target="there")))
    advanced(several)
    advanced(several, result=Result.FAILED)
    advanced(replace(plan, targets=(here, TargetPlan("there", {}, "", ()))))
    iris = "models/InferenceService/iris"
    assert capsys.readouterr().err.splitlines() == [
        f"created {iris} at here", f"created {iris} at there",
        f"failed to create {iris} at here", f"failed to create {iris} at there",
        f"created {iris}",
    ]  # fmt: skip


def test_where_none_is_wanted_there_is_none(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    advanced(plan, wanted=False)
    advanced(plan.only({}))
    assert capsys.readouterr() == ("", "")


def test_a_terminal_has_a_bar_that_is_gone_at_the_end(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", stream)
    advanced(plan)
    assert "created models/InferenceService/iris" in stream.getvalue()
    assert "1/1" in stream.getvalue()
    assert stream.getvalue().rstrip("\r\n").endswith("\x1b[2K")
