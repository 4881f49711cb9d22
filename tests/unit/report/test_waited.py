from __future__ import annotations

from collections.abc import Callable

from mlgitops.manifest import Identity
from mlgitops.plan.health import Health, State
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.report.style import Style
from mlgitops.report.waited import progress_line, text
from mlgitops.targets import Event

PLAIN = Style(False)
SERVICE = Identity("serving.kserve.io", "InferenceService", "ml", "iris")


def waited(readiness: Readiness, health: Health, *events: Event, name: str = "iris") -> Waited:
    return Waited("aws", SERVICE._replace(name=name), f"Model/{name}", readiness, health, 12.34, events)


def test_what_is_not_ready_comes_with_its_reason_and_the_last_events(golden: Callable[[str, str], None]) -> None:
    events = (
        Event("Pod/iris-7d9f", "Warning", "FailedScheduling", "0/3 nodes have a GPU", "2026-01-01T00:00:09Z", 4),
        Event("InferenceService/iris", "Normal", "Created", "made a Deployment"),
    )
    golden("report/waited.txt", text([
        waited(Readiness.READY, Health(State.READY), name="a"),
        waited(Readiness.TIMED_OUT, Health(State.PROGRESSING, "PredictorReady: not enough replicas"), *events),
        waited(Readiness.SUSPENDED, Health(State.SUSPENDED, "Suspended: no quota"), name="queued"),
        waited(Readiness.FAILED, Health(State.FAILED), name="b"),
    ], PLAIN))  # fmt: skip


def test_when_all_is_ready_it_is_one_line() -> None:
    everything = [waited(Readiness.READY, Health(State.READY)), waited(Readiness.READY, Health(State.READY), name="b")]
    assert text(everything, PLAIN) == "Ready after 12 s: 2 ready.\n"


def test_where_nothing_was_waited_for_nothing_is_said() -> None:
    assert text([], PLAIN) == ""


def test_progress_is_one_harmless_line() -> None:
    line = progress_line("aws", SERVICE, Health(State.PROGRESSING, "a\n::error::b\x1b[2J"))
    assert line == "progressing  InferenceService/iris (ml) at aws: a : :error::b"
