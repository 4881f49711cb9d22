"""Many places are heard at once, as each answers; what is followed is told once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from mlgitops.cli import logs as verb
from mlgitops.errors import MlgitopsError, NoAnswerError, NotAuthorisedError
from mlgitops.plan.said import TargetSaid
from mlgitops.targets.events import Event
from mlgitops.targets.logs import MOST_LINES, TAIL, Heard, LogLine, Mark, Marks, Output, Stream, Wanted
from mlgitops.workflows import logs as workflow
from mlgitops.workflows.logs import MOST_FOLLOWED, TargetEar, followed, heard

STREAM = Stream("ml", "iris-0", "main")


class Scripted:
    """A reader that gives what it is given, one after the other, and keeps the marks it was asked with."""

    def __init__(self, *answers: Heard) -> None:
        self._answers = iter(answers)
        self.asked: list[Marks] = []

    def hear(self, wanted: Wanted, marks: Marks) -> Heard:
        self.asked.append(marks)
        return next(self._answers)


class Place:
    """A place that says something, fails, or waits for an event before."""

    def __init__(
        self, place: str, said: TargetSaid | Exception | None = None, after: threading.Event | None = None
    ) -> None:
        self.place = place
        self._said = said or TargetSaid(place)
        self._after = after

    def hear(self) -> TargetSaid:
        if self._after is not None:
            self._after.wait(30)
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


def test_an_ear_goes_on_where_it_stopped_and_tells_what_stands_only_once() -> None:
    event = Event("Pod/iris-0", "Normal", "Pulled", "x", "2026-01-01T00:00:00Z")
    mark = Mark("2026-01-01T00:00:01Z", 1)
    first = Heard((Output(STREAM, (LogLine(mark.at, "one"),), mark),), events=(event,))
    reader = Scripted(first, Heard(events=(event, event.__class__("Pod/iris-0", "Normal", "Started", "y"))))
    ear = TargetEar("here", lambda: reader, Wanted((), {}, {}))
    assert [line.text for line in ear.hear().lines] == ["Pulled: x", "one"]
    assert [line.text for line in ear.hear().lines] == ["Started: y"]
    assert reader.asked[1].marks == {STREAM: mark}


def test_one_that_does_not_answer_yet_holds_nobody_up() -> None:
    answer = threading.Event()
    places = heard([Place("slow", after=answer), Place("quick"), Place("quicker")])
    assert {next(places).target, next(places).target} == {"quick", "quicker"}
    answer.set()
    assert [one.target for one in places] == ["slow"]


def test_a_place_that_fails_is_told_of_and_an_error_of_ours_is_raised() -> None:
    found = list(heard([Place("here", NoAnswerError("nobody", "Wait.")), Place("there", NotAuthorisedError("no"))]))
    assert sorted((one.target, one.error, one.forbidden) for one in found) == [
        ("here", "nobody. Wait.", False), ("there", "no", True),
    ]  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        list(heard([Place("here", ZeroDivisionError())]))


def test_following_says_a_trouble_once_for_as_long_as_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "PAUSE", 0.0)
    monkeypatch.setattr(workflow, "LONGEST_PAUSE", 0.0)
    said: Iterator[TargetSaid] = followed([Place("here", NoAnswerError("nobody"))])
    assert [one.error for one in islice(said, 3)] == ["nobody", "", ""]


def test_too_many_targets_are_not_followed() -> None:
    with pytest.raises(MlgitopsError, match=f"{MOST_FOLLOWED + 1} targets are too many"):
        next(followed([Place(str(number)) for number in range(MOST_FOLLOWED + 1)]))


def test_the_options_have_the_bounds_of_what_is_read() -> None:
    assert (verb.TAIL, verb.MOST_LINES) == (TAIL, MOST_LINES)
