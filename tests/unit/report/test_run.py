from __future__ import annotations

import json

import pytest

from mlgitops.plan.run import RunState, StepState
from mlgitops.report import run as report
from mlgitops.report.style import Style

PLAIN = Style(False)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (123, "2m3s"), (3600, "1h0m"), (7384, "2h3m")])
def test_a_length_of_time_is_in_its_two_largest_units(seconds: int, text: str) -> None:
    assert report.length(seconds) == text


def test_a_step_is_one_line_whatever_its_message_holds() -> None:
    step = StepState("fit", "Failed", "exit\x1b[31m code 2\nOOMKilled", 8)
    line = report.step_line(step, PLAIN)
    assert line.startswith("  fit                       Failed after 8s: exit")
    assert "\x1b" not in line
    assert "\n" not in line
    assert report.step_line(StepState("fit", "Running"), PLAIN) == "  fit                       Running"


def test_a_run_as_json_says_null_of_what_nobody_knows() -> None:
    state = RunState("run-1", "Failed", "child failed", steps=(StepState("fit", "Failed", "", 8),))
    text = report.json(state, pipeline="iris", environment="dev", target="aws", namespace="models", commit="")
    made = json.loads(text)
    assert made["formatVersion"] == "1.0"
    assert (made["run"]["commit"], made["run"]["startedAt"], made["run"]["phase"]) == (None, None, "Failed")
    assert made["run"]["steps"] == [{"name": "fit", "phase": "Failed", "message": None, "seconds": 8}]
