from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from mlgitops.errors import MlgitopsError, NoAnswerError, TargetError
from mlgitops.manifest import Identity, Manifest
from mlgitops.plan.run import RunState
from mlgitops.targets import Live
from mlgitops.targets.runs import RunConnection
from mlgitops.workflows.follow import MOST_SILENCES, OutOfTimeError, follow
from mlgitops.workflows.run import Run
from mlgitops.workflows.wait import Clock

ONE = Identity("argoproj.io", "Workflow", "models", "run-1")
START = "2026-01-01T00:00:00Z"


class Cluster:
    """Answers one look after another; what is None is not there, an error is raised, and the last one stays."""

    def __init__(self, *answers: Manifest | Exception | None) -> None:
        self._answers = list(answers)
        self.looks = 0

    def live(self, wanted: Any, *, exact: bool = False) -> dict[Identity, Live]:
        assert exact
        self.looks += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {} if answer is None else {ONE: Live("", lambda: answer, "", "", "uid")}


class Time:
    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)


def workflow(phase: str, **steps: str) -> Manifest:
    nodes = {
        name: {"name": f"run-1.{name}", "type": "Pod", "phase": of, "startedAt": START} for name, of in steps.items()
    }
    return {"metadata": {"name": "run-1"}, "status": {"phase": phase, "nodes": nodes}}


@pytest.fixture
def followed() -> Callable[..., tuple[RunState, list[str], Time]]:
    def of(*answers: Manifest | Exception | None, timeout: float = 1000.0) -> tuple[RunState, list[str], Time]:
        told: list[str] = []
        time = Time()
        connection = cast(RunConnection, Cluster(*answers))
        run = Run(ONE, "iris", "dev", "aws", "", connection)
        state = follow(run, time.clock, timeout, lambda step: told.append(f"{step.name} {step.phase}"))
        return state, told, time

    return of


def test_each_step_is_told_as_it_changes_until_the_run_is_over(followed: Any) -> None:
    state, told, _ = followed(
        workflow(""), workflow("Running", a="Running"), workflow("Running", a="Running"),
        workflow("Running", a="Succeeded", b="Running"), workflow("Failed", a="Succeeded", b="Failed"),
    )  # fmt: skip
    assert told == ["a Running", "a Succeeded", "b Running", "b Failed"]
    assert (state.phase, state.succeeded) == ("Failed", False)


def test_it_looks_less_often_while_nothing_changes(followed: Any) -> None:
    same = [workflow("Running", a="Running")] * 8
    _, _, time = followed(*same, workflow("Running", a="Succeeded"), workflow("Succeeded", a="Succeeded"))
    assert time.pauses[:3] == [0.5, 0.75, 1.125]
    assert max(time.pauses) == 5.0
    assert time.pauses[-1] == 0.5


def test_a_run_that_takes_too_long_is_left_with_the_way_to_go_on(followed: Any) -> None:
    with pytest.raises(OutOfTimeError, match="run-1 is not over yet: Running") as raised:
        followed(workflow("Running"), timeout=20.0)
    assert raised.value.help.endswith("mlgitops run --follow run-1 --env dev --target aws")


def test_a_run_that_is_gone_is_an_error(followed: Any) -> None:
    with pytest.raises(TargetError, match="the run run-1 is gone"):
        followed(workflow("Running"), None)


def test_a_cluster_that_does_not_answer_for_a_while_is_asked_again(followed: Any) -> None:
    silent = [NoAnswerError("nobody there")] * (MOST_SILENCES - 1)
    state, _, _ = followed(*silent, workflow("Succeeded"))
    assert state.succeeded
    with pytest.raises(NoAnswerError):
        followed(NoAnswerError("nobody there"))


def test_any_other_error_comes_out(followed: Any) -> None:
    with pytest.raises(MlgitopsError, match="broken"):
        followed(TargetError("broken"))
