from __future__ import annotations

from collections.abc import Callable

from mlgitops.manifest import Manifest
from mlgitops.plan.health import State, health

CRON = "argoproj.io/v1alpha1 CronWorkflow"
Live = Callable[..., Manifest]


def test_a_schedule_is_ready_as_soon_as_it_is_there(live: Live) -> None:
    assert health(live(CRON)).state is State.READY
    assert health(live("batch/v1 CronJob")).state is State.READY


def test_runs_that_failed_are_a_note(live: Live) -> None:
    found = health(
        live(CRON, {"failed": 2, "succeeded": 5, "phase": "Active", "lastScheduledTime": "2026-01-02T00:00:00Z"})
    )
    assert (found.state, found.reason, found.since) == (State.READY, "2 of 7 runs failed", "2026-01-02T00:00:00Z")


def test_a_specification_that_cannot_run_has_failed(live: Live) -> None:
    found = health(live(CRON, SubmissionError={"status": "True", "message": "no such template"}))
    assert (found.state, found.reason) == (State.FAILED, "SubmissionError: no such template")
    assert health(live(CRON, SubmissionError="False")).state is State.READY


def test_a_schedule_can_be_held_back(live: Live) -> None:
    assert health(live(CRON, spec={"suspend": True})).state is State.SUSPENDED
    assert health(live(CRON, {"phase": "Stopped"})).state is State.SUSPENDED
    assert health(live("batch/v1 CronJob", spec={"suspend": True})).state is State.SUSPENDED
