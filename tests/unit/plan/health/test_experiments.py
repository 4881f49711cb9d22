from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.health import State, health
from mlgitops.plan.health.runs import End, end_of, is_run

EXPERIMENT = "kubeflow.org/v1beta1 Experiment"
SPEC = {"maxTrialCount": 12, "objective": {"type": "maximize", "objectiveMetricName": "accuracy"}}
BEST: dict[str, Any] = {
    "currentOptimalTrial": {
        "parameterAssignments": [{"name": "lr", "value": "0.03"}, {"name": "epochs", "value": "5"}],
        "observation": {"metrics": [{"name": "loss", "max": "1"}, {"name": "accuracy", "max": "0.98", "min": "0.1"}]},
    }
}

Live = Callable[..., Manifest]


@pytest.mark.parametrize(
    ("status", "conditions", "state", "reason"),
    [
        ({}, {}, State.PROGRESSING, "it has not started yet"),
        (
            {"trialsSucceeded": 3},
            {"Created": "True", "Running": "True"},
            State.READY,
            "it is running, 3 of 12 trials done",
        ),
        (
            {"trialsSucceeded": 3, **BEST},
            {"Created": "True", "Running": "True"},
            State.READY,
            "it is running, 3 of 12 trials done; best: accuracy 0.98 with lr=0.03, epochs=5",
        ),
        (
            {"trialsSucceeded": 12, **BEST},
            {"Running": "False", "Succeeded": "True"},
            State.READY,
            "it completed; best: accuracy 0.98 with lr=0.03, epochs=5",
        ),
        ({}, {"Failed": {"status": "True", "message": "3 trials failed"}}, State.FAILED, "3 trials failed"),
        ({"currentOptimalTrial": "odd"}, {"Running": "True"}, State.READY, "it is running, 0 of 12 trials done"),
    ],
)
def test_a_search_is_ready_once_it_runs_and_says_how_far_it_is(
    live: Live, status: dict[str, Any], conditions: dict[str, Any], state: State, reason: str
) -> None:
    found = health(live(EXPERIMENT, status, SPEC, **conditions))

    assert (found.state, found.certain) == (state, True)
    assert found.reason.endswith(reason)


def test_a_search_runs_once(live: Live) -> None:
    ended = live(EXPERIMENT, {}, SPEC, Succeeded="True")

    assert is_run(identity(ended))
    assert end_of(ended) is End.SUCCEEDED
