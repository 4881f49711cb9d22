"""Lines for people and machines, which nothing that was said can forge."""

from __future__ import annotations

import json

from mlgitops.plan.said import Said, TargetSaid, Voice
from mlgitops.report import logs as report
from mlgitops.report.style import Style

PLAIN = Style(False)
LINES = (
    Said("2026-01-01T02:00:00.123456789+02:00", Voice.WORKLOAD, "iris-0/main", "ready"),
    Said("", Voice.RECONCILER, "Pod/iris-0", "Warning BackOff: \x1b[2Jagain\nforged"),
)


def test_a_line_says_when_in_utc_where_who_and_what() -> None:
    said = TargetSaid("here", LINES)
    assert list(report.lines(said, PLAIN, several=False)) == [
        "2026-01-01T00:00:00.123Z  workload    iris-0/main  ready",
        "-                         reconciler  Pod/iris-0  Warning BackOff: again forged",
    ]
    assert next(report.lines(said, PLAIN, several=True)).startswith("2026-01-01T00:00:00.123Z  here  workload")
    assert next(report.lines(TargetSaid("", LINES), PLAIN, several=True)).split()[1] == "controller"


def test_troubles_say_which_place_they_are_of() -> None:
    said = TargetSaid("here", missing=("pods: not allowed",), notes=("more",))
    assert list(report.troubles(said, PLAIN)) == ["error: target here: pods: not allowed", "note: target here: more"]
    broken = TargetSaid("", error="gone\x1b[2J")
    assert list(report.troubles(broken, PLAIN)) == ["error: the controller cannot be read: gone"]


def test_json_holds_what_was_said_to_the_byte_in_characters_that_do_nothing() -> None:
    text = report.json("iris", "dev", [TargetSaid("here", LINES), TargetSaid("there", error="gone")])
    assert "\x1b" not in text
    data = json.loads(text)
    assert (data["complete"], data["formatVersion"]) == (False, "1.0")
    here, there = data["targets"]
    assert here["lines"][1]["text"] == LINES[1].text
    assert here["lines"][1]["time"] is None
    assert there["error"] == "gone"


def test_each_line_of_json_lines_is_an_object() -> None:
    lines = list(report.json_lines(TargetSaid("here", LINES, ("pods: not allowed",))))
    assert all("\n" not in line for line in lines)
    assert [json.loads(line).get("trouble") for line in lines] == [None, None, "pods: not allowed"]
    assert json.loads(lines[0])["voice"] == "workload"
