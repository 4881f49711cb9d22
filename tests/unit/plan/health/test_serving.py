from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.health import State, health

TIME = "2026-01-01T00:00:00Z"
SERVICE = "serving.kserve.io/v1beta1 InferenceService"
LLM = "serving.kserve.io/v1alpha2 LLMInferenceService"

Live = Callable[..., Manifest]


def test_it_is_ready_by_the_condition_ready_and_since_then(live: Live) -> None:
    found = health(live(SERVICE, PredictorReady="True", IngressReady="True", Ready="True"))
    assert (found.state, found.reason, found.since) == (State.READY, "", TIME)


def test_a_service_that_is_not_stopped_is_not_suspended(live: Live) -> None:
    assert health(live(SERVICE, Stopped="False", PredictorReady="True", Ready="True")).state is State.READY


def test_a_stopped_service_is_suspended(live: Live) -> None:
    assert health(live(SERVICE, Stopped="True", Ready="False", PredictorReady="False")).state is State.SUSPENDED


@pytest.mark.parametrize("seen", [0, 1, 2, 3, 9])
def test_the_observed_generation_is_of_the_deployment_beneath_and_says_nothing(live: Live, seen: int) -> None:
    found = health(live(SERVICE, {"observedGeneration": seen}, Ready="True"))
    assert (found.state, found.certain) == (State.READY, False)


def test_nothing_reported_yet_is_progress(live: Live) -> None:
    found = health(live(SERVICE))
    assert (found.state, found.reason) == (State.PROGRESSING, "KServe has not reported on it yet")


def test_pods_that_are_starting_are_no_failure(live: Live) -> None:
    starting = {
        "status": "False",
        "reason": "MinimumReplicasUnavailable",
        "message": "Deployment does not have minimum availability.",
    }
    found = health(live(SERVICE, PredictorReady=starting, IngressReady="True", Ready=starting))
    assert found.state is State.PROGRESSING
    assert found.reason == "PredictorReady: Deployment does not have minimum availability."


def test_a_rollout_past_its_deadline_has_failed(live: Live) -> None:
    late = {"status": "False", "reason": "ProgressDeadlineExceeded", "message": 'ReplicaSet "x" has timed out'}
    found = health(live(SERVICE, PredictorReady=late, Ready=late))
    assert (found.state, found.reason) == (State.FAILED, 'PredictorReady: ReplicaSet "x" has timed out')


def test_conditions_of_severity_info_are_not_the_reason(live: Live) -> None:
    info = {"status": "False", "severity": "Info", "reason": "Irrelevant"}
    found = health(live(SERVICE, RoutesReady=info, Ready={"status": "Unknown", "message": "waiting"}))
    assert found.reason == "Ready: waiting"


@pytest.mark.parametrize(
    ("transition", "said"),
    [("BlockedByFailedLoad", "the model could not be loaded"), ("InvalidSpec", "the predictor's specification")],
)
def test_a_model_that_does_not_load_has_failed_even_while_the_old_one_serves(
    live: Live, transition: str, said: str
) -> None:
    model = {
        "transitionStatus": transition,
        "states": {"activeModelState": "Loaded", "targetModelState": "FailedToLoad"},
        "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "no such file", "time": TIME, "exitCode": 1},
    }
    found = health(live(SERVICE, {"modelStatus": model}, PredictorReady="True", Ready="True"))
    assert found.state is State.FAILED
    assert found.reason.startswith(said)
    assert found.reason.endswith("ModelLoadFailed: no such file")
    assert found.since == TIME


@pytest.mark.parametrize(("ready", "known"), [("False", True), ("True", False)])
def test_a_model_that_does_not_load_and_has_no_time_has_failed_since_it_is_not_ready(
    live: Live, ready: str, known: bool
) -> None:
    found = health(live(SERVICE, {"modelStatus": {"transitionStatus": "BlockedByFailedLoad"}}, Ready=ready))
    assert (found.state, bool(found.since)) == (State.FAILED, known)


def test_a_failure_that_was_overcome_is_not_told_again(live: Live) -> None:
    model = {"transitionStatus": "UpToDate", "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "old"}}
    found = health(live(SERVICE, {"modelStatus": model}, Ready="True"))
    assert (found.state, found.reason) == (State.READY, "")


def test_a_model_that_stays_pending_because_it_is_scaled_to_none_is_ready(live: Live) -> None:
    model = {"transitionStatus": "InProgress", "states": {"targetModelState": "Pending", "activeModelState": ""}}
    assert health(live(SERVICE, {"modelStatus": model}, Ready="True")).state is State.READY


def test_a_model_that_was_loaded_and_then_scaled_to_none_is_ready(live: Live) -> None:
    model = {"transitionStatus": "InProgress", "states": {"targetModelState": "Pending", "activeModelState": "Loaded"}}
    assert health(live(SERVICE, {"modelStatus": model}, Ready="True")).state is State.READY


@pytest.mark.parametrize(
    ("transition", "target"), [("InProgress", "Loading"), ("", "Loading"), ("InProgress", "Standby")]
)
def test_a_new_version_that_still_loads_is_progress_while_the_old_one_is_ready(
    live: Live, transition: str, target: str
) -> None:
    states = {"activeModelState": "Loaded", "targetModelState": target}
    found = health(live(SERVICE, {"modelStatus": {"transitionStatus": transition, "states": states}}, Ready="True"))
    assert (found.state, found.since) == (State.PROGRESSING, "")
    assert found.reason == f"the new version of the model is not loaded yet: {target}"


@pytest.mark.parametrize("states", [{"targetModelState": "Loaded", "activeModelState": "Loaded"}, {}])
def test_a_model_that_is_loaded_or_of_which_nothing_is_told_goes_by_ready(live: Live, states: dict[str, str]) -> None:
    model = {"transitionStatus": "InProgress", "states": states}
    assert health(live(SERVICE, {"modelStatus": model}, Ready="True")).state is State.READY


def test_why_a_service_is_not_ready_is_told_rather_than_that_its_model_loads(live: Live) -> None:
    late = {"status": "False", "reason": "ProgressDeadlineExceeded", "message": "timed out"}
    model = {"transitionStatus": "InProgress", "states": {"targetModelState": "Loading"}}
    found = health(live(SERVICE, {"modelStatus": model}, PredictorReady=late, Ready=late))
    assert (found.state, found.reason) == (State.FAILED, "PredictorReady: timed out")


def test_an_llm_service_that_was_not_seen_since_the_change_is_not_ready(live: Live) -> None:
    assert health(live(LLM, {"observedGeneration": 2}, Ready="True")).state is State.PROGRESSING
    seen = health(live(LLM, {"observedGeneration": 3}, Ready="True"))
    assert (seen.state, seen.certain) == (State.READY, True)


def test_an_llm_service_without_an_observed_generation_is_not_certain(live: Live) -> None:
    assert health(live(LLM, Ready="True")).certain is False


def test_an_llm_service_says_which_part_is_not_ready(live: Live) -> None:
    gone: dict[str, Any] = {"status": "False", "reason": "GatewayNotFound", "message": "gateway x is not there"}
    found = health(live(LLM, PresetsCombined="True", RouterReady=gone, WorkloadsReady="True", Ready="False"))
    assert (found.state, found.reason) == (State.PROGRESSING, "RouterReady: gateway x is not there")


def test_a_stopped_llm_service_is_suspended(live: Live) -> None:
    stopped = {"status": "False", "reason": "Stopped"}
    assert health(live(LLM, WorkloadsReady=stopped, Ready=stopped)).state is State.SUSPENDED


def test_a_graph_goes_by_ready(live: Live) -> None:
    graph = "serving.kserve.io/v1alpha1 InferenceGraph"
    assert health(live(graph, {"observedGeneration": 1}, Ready="True")).state is State.READY
    assert health(live(graph, Ready="False")).state is State.PROGRESSING
