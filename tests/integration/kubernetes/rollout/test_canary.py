"""A new release under constant load: a good one answers everything in the end, and a bad one hardly anything."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from mlgitops.progressive.progress import Phase
from tests.testbed.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.prometheus]
SECONDS = 90.0


def test_a_good_release_answers_everything_in_the_end(rollout: Any) -> None:
    rollout.commit()
    with rollout.controlled():
        rollout.until(100)
        rollout.until_phase(Phase.COMPLETED)
    assert rollout.load.seen == [0, 10, 50, 100]
    ran = rollout.scene.run("plan", "--env", "dev")
    assert (ran.code, "No changes" in ran.out) == (0, True), ran.said


@pytest.mark.parametrize("what", ["errors", "latency"])
def test_of_a_bad_release_no_more_requests_are_met_than_its_step_says(rollout: Any, what: str) -> None:
    if what == "errors":
        rollout.new.errors = 0.5
    else:
        rollout.new.latency = 0.4
    rollout.commit()
    with rollout.controlled():
        rollout.until(10)
        before = rollout.load.met
        rollout.until_phase(Phase.ABORTED)
        rollout.until(0)
        met = {name: count - before[name] for name, count in rollout.load.met.items()}
        assert met["1.1"] <= 0.10 * sum(met.values()) + 1
        after = rollout.new.met
        time.sleep(1)
        assert rollout.new.met == after
    assert rollout.load.seen == [0, 10, 0]


def test_what_becomes_bad_later_is_taken_back_as_well(rollout: Any) -> None:
    rollout.commit(steps=[{"weight": 10, "hold": "2s"}, {"weight": 50, "hold": "1d"}])
    with rollout.controlled():
        rollout.until(50)
        rollout.new.errors = 1.0
        rollout.until(0)
        rollout.until_phase(Phase.ABORTED)


def test_while_prometheus_is_away_nothing_goes_on(rollout: Any) -> None:
    rollout.commit(steps=[{"weight": 10, "hold": "4s"}, {"weight": 50, "hold": "1d"}])
    with rollout.controlled():
        rollout.until(10)
        rollout.prometheus.stop()
        time.sleep(6)
        assert (rollout.load.weights, rollout.phase()) == ([90, 10], Phase.STEPPING)
        rollout.prometheus.start()
        rollout.until(50)


def test_while_prometheus_says_nothing_nothing_goes_on(rollout: Any) -> None:
    rollout.commit(steps=[{"weight": 10, "hold": "4s"}, {"weight": 50, "hold": "1d"}])
    with rollout.controlled():
        rollout.until(10)
        rollout.new.exporter.broken = True  # as where its pod is gone: nothing is left at the next scrape
        time.sleep(6)
        assert (rollout.load.weights, rollout.phase()) == ([90, 10], Phase.STEPPING)


def test_a_controller_killed_in_each_step_ends_with_the_new_release(rollout: Any) -> None:
    rollout.commit()
    for weight in (0, 10, 50):
        command = rollout.start()
        rollout.until(weight)
        command.send(signal.SIGKILL)
        command.ended()
        rollout.scene.unlock()
        assert rollout.load.weights[1] >= weight
    with rollout.controlled():
        rollout.until(100)
    assert rollout.load.seen == [0, 10, 50, 100]


def test_a_controller_killed_as_a_release_does_badly_takes_it_back_all_the_same(rollout: Any) -> None:
    rollout.commit(steps=[{"weight": 10, "hold": "1d"}])
    command = rollout.start()
    rollout.until(10)
    rollout.new.errors = 1.0
    command.send(signal.SIGKILL)
    command.ended()
    rollout.scene.unlock()
    with rollout.controlled():
        rollout.until(0)
        rollout.until_phase(Phase.ABORTED)


def test_a_canary_that_somebody_deletes_is_made_anew_and_the_stable_release_keeps_its_share(rollout: Any) -> None:
    rollout.commit(steps=[{"weight": 10, "hold": "1d"}])
    with rollout.controlled():
        rollout.until(10)
        path = f"/apis/serving.kserve.io/v1beta1/namespaces/{rollout.scene.namespace}/inferenceservices/iris-canary"
        old = rollout.scene.plane.api.get(path)["metadata"]["uid"]
        rollout.scene.plane.api.request("DELETE", path)
        wait_until(lambda: rollout.phase() is Phase.ABORTED, "it to be taken back", SECONDS)
        rollout.until(0)
    with rollout.controlled():
        wait_until(lambda: rollout.scene.plane.api.get(path)["metadata"]["uid"] != old, "it to be there", SECONDS)
        assert rollout.load.weights == [100, 0]


def test_a_release_merged_in_the_midst_of_it_begins_at_nothing(rollout: Any) -> None:
    rollout.commit(steps=[{"weight": 10, "hold": "2s"}, {"weight": 50, "hold": "1d"}])
    with rollout.controlled():
        rollout.until(50)
        rollout.commit(version="1.2")
        wait_until(lambda: rollout.load.seen[:4] == [0, 10, 50, 0], "1.2 to begin at nothing", SECONDS)
        wait_until(lambda: rollout.progress().new == "1.2", "its progress to be remembered", SECONDS)
    assert rollout.load.seen in ([0, 10, 50, 0], [0, 10, 50, 0, 10])
