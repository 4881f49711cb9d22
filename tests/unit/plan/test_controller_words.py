"""Which lines of the controller's log are about a model's targets."""

from __future__ import annotations

import io
import json

from mlgitops.controller.log import Log
from mlgitops.plan.controller_words import words_about
from mlgitops.plan.said import Voice
from mlgitops.targets.logs import LogLine, Mark, Output, Stream


def words(*lines: str) -> list[str]:
    output = Output(Stream("hub", "controller-0", "controller"), tuple(LogLine("", line) for line in lines), Mark())
    found = list(words_about([output], "dev", ["here"]))
    assert all((one.voice, one.who) == (Voice.RECONCILER, "controller-0/controller") for one in found)
    return [one.text for one in found]


def test_lines_that_the_controller_writes_are_told_with_what_they_belong_together_by() -> None:
    stream = io.StringIO()
    log = Log(stream, lambda: 0.0)
    log.bind(cycle=7, commit="c1", environment="dev", target="here").error("failed", reason="no room", password="x")
    log.info("the environment cannot be rendered", environment="dev")
    log.bind(environment="dev", target="there").info("applied")
    log.bind(environment="prod", target="here").info("applied")
    log.info("serving", port=8080)
    assert words(*stream.getvalue().splitlines()) == [
        "error here: failed  cycle=7  commit=c1  reason=no room  password=x", "the environment cannot be rendered",
    ]  # fmt: skip


def test_what_is_no_line_of_the_controllers_is_left_out() -> None:
    assert words("panic:", "[]", '"text"', json.dumps({"environment": ["dev"]}), "{" * 3000) == []
