"""What is seen at a target's Prometheus, whatever it makes of the numbers behind that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlgitops.controller import watching
from mlgitops.errors import InferenceError
from mlgitops.progressive.terms import Server
from mlgitops.response.alerts import Watch
from mlgitops.response.cause import Cause, Signal, Value
from tests.testbed.prometheus import FakePrometheus, serving

CAUSE = Cause(Signal.ERRORS, "prod", "iris", "1.0", "ModelErrorBurst")
WATCH = Watch("prod", "aws", {CAUSE: ("failing > 5",)})
FIRES = {"alertname": "ModelErrorBurst", "model": "iris", "version": "1.0", "environment": "prod", "target": "aws"}


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    with serving() as fake:
        fake.vectors = {"ALERTS": [(FIRES, "1")], "failing": [({}, "9")]}
        yield fake


def values(prometheus: FakePrometheus, *known: Cause) -> tuple[Value, ...]:
    """The numbers behind the one cause that is seen."""
    (seen,) = watching.look(Server(prometheus.url), WATCH, known, {})
    assert seen.cause == CAUSE
    return seen.values


def test_the_numbers_are_asked_for_once(prometheus: FakePrometheus) -> None:
    assert values(prometheus) == (Value("ModelErrorBurst", 9.0),)
    assert values(prometheus, CAUSE) == ()


def test_what_is_seen_does_not_wait_for_numbers_that_take_long(
    prometheus: FakePrometheus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "NUMBERS_SECONDS", 0.0)
    assert values(prometheus) == ()


@pytest.mark.parametrize("nonsense", ["NaN", "+Inf"])
def test_numbers_that_are_none_are_left_out_and_alerts_that_are_none_say_nothing(
    prometheus: FakePrometheus, nonsense: str
) -> None:
    prometheus.vectors["failing"] = [({}, nonsense)]
    assert values(prometheus) == ()
    prometheus.vectors["ALERTS"] = [(FIRES, nonsense)]
    with pytest.raises(InferenceError, match="alerts that are none"):
        values(prometheus)
