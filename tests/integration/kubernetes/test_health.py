"""Health and waiting over objects of a real API server, with the statuses that their controllers would report.

The API server refuses a status that does not fit the custom resource's schema, so that what is written here has a shape
that the real definitions know.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

import pytest

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Plan, TargetPlan
from mlgitops.plan.health import State, health
from mlgitops.plan.health.runs import End, end_of
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.targets import Connection, Event, Live
from mlgitops.workflows.wait import Clock, Terms, wait
from tests.testbed.api import Api

TIME = "2026-01-01T00:00:00Z"
SERVICE = {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/iris"}}}
POD = {"containers": [{"name": "main", "image": "example.com/x"}]}
RUNTIME = {"runtimeRef": {"name": "torch-distributed"}}
TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": POD}
REPLICATED = {"selector": {"matchLabels": {"app": "x"}}, "template": TEMPLATE}
STEPS = {"entrypoint": "main", "templates": [{"name": "main", "container": {"image": "example.com/x"}}]}
ROUTE = {"parentRefs": [{"name": "public"}]}
SCALED = {"scaleTargetRef": {"name": "x"}, "triggers": [{"type": "cpu", "metadata": {"value": "50"}}]}

Make = Callable[..., Manifest]


class Reading:
    """As much of a connection as waiting needs, over the test's own view of the API."""

    def __init__(self, api: Api, manifests: Sequence[Manifest]) -> None:
        self._api = api
        self._manifests = manifests

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        """The objects that are there."""
        there = (one for one in self._manifests if self._api.exists(one))
        return {identity(one): Live.of(self._api.read(one)) for one in there}

    def events(self, identity: Identity) -> Sequence[Event]:
        """None."""
        return ()


@pytest.fixture
def make(admin: Api, namespace: str) -> Make:
    """``make("GROUP/VERSION Kind", spec)`` creates an object named x."""

    def create(kind: str, spec: dict[str, Any], name: str = "x") -> Manifest:
        api_version, _, kind_name = kind.partition(" ")
        metadata = {"name": name, "namespace": namespace}
        manifest = {"apiVersion": api_version, "kind": kind_name, "metadata": metadata, "spec": spec}
        admin.create(manifest)
        return manifest

    return create


def conditions(**states: Any) -> dict[str, Any]:
    reported = [
        {"type": type, "lastTransitionTime": TIME, "reason": "R", "message": "said so", "status": state}
        for type, state in states.items()
    ]
    return {"conditions": reported}


def parent(state: str) -> dict[str, Any]:
    said = [{**one, "observedGeneration": 1} for one in conditions(Accepted=state, ResolvedRefs="True")["conditions"]]
    return {"parents": [{"parentRef": {"name": "public"}, "controllerName": "example.com/gateway", "conditions": said}]}


SERVING = "serving.kserve.io/v1beta1 InferenceService"
TRAINING = "trainer.kubeflow.org/v1alpha1 TrainJob"
WORKFLOW = "argoproj.io/v1alpha1 Workflow"
BLOCKED = {
    "transitionStatus": "BlockedByFailedLoad",
    "states": {"activeModelState": "Loaded", "targetModelState": "FailedToLoad"},
    "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "no such file", "exitCode": 1, "time": TIME},
}
AVAILABLE = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1, "availableReplicas": 1}


@pytest.mark.parametrize(
    ("kind", "spec", "before", "status", "state"),
    [
        (SERVING, SERVICE, State.PROGRESSING, conditions(PredictorReady="True", Ready="True"), State.READY),
        (SERVING, SERVICE, State.PROGRESSING, conditions(PredictorReady="False", Ready="False"), State.PROGRESSING),
        (SERVING, SERVICE, State.PROGRESSING, {"modelStatus": BLOCKED, **conditions(Ready="True")}, State.FAILED),
        (SERVING, SERVICE, State.PROGRESSING, conditions(Stopped="True", Ready="False"), State.SUSPENDED),
        (TRAINING, RUNTIME, State.PROGRESSING, conditions(Complete="True"), State.READY),
        (TRAINING, RUNTIME, State.PROGRESSING, conditions(Failed="True"), State.FAILED),
        (TRAINING, RUNTIME, State.PROGRESSING, conditions(Suspended="True"), State.SUSPENDED),
        (WORKFLOW, STEPS, State.PROGRESSING, {"phase": "Running", "progress": "0/1", "startedAt": TIME}, State.READY),
        (WORKFLOW, STEPS, State.PROGRESSING, {"phase": "Error", "message": "no template"}, State.FAILED),
        ("apps/v1 Deployment", REPLICATED, State.PROGRESSING, AVAILABLE, State.READY),
        ("gateway.networking.k8s.io/v1 HTTPRoute", ROUTE, State.PROGRESSING, parent("True"), State.READY),
        ("gateway.networking.k8s.io/v1 HTTPRoute", ROUTE, State.PROGRESSING, parent("False"), State.FAILED),
        ("keda.sh/v1alpha1 ScaledObject", SCALED, State.PROGRESSING, conditions(Ready="True"), State.READY),
        ("v1 Pod", POD, State.PROGRESSING, {"phase": "Running", **conditions(Ready="True")}, State.READY),
    ],
)
def test_an_objects_health_follows_what_its_controller_reports(  # noqa: PLR0917
    admin: Api, make: Make, kind: str, spec: dict[str, Any], before: State, status: dict[str, Any], state: State
) -> None:
    manifest = make(kind, spec)
    assert health(admin.read(manifest)).state is before
    if kind.startswith("argoproj.io"):  # its definition has no status subresource
        admin.request("PATCH", admin.path(manifest), {"status": status}, content_type="application/merge-patch+json")
    else:
        admin.set_status(manifest, status)
    assert health(admin.read(manifest)).state is state


def test_a_changed_deployment_is_not_ready_by_the_status_before(admin: Api, make: Make) -> None:
    manifest = make("apps/v1 Deployment", REPLICATED)
    admin.set_status(manifest, AVAILABLE)
    admin.apply({**manifest, "spec": {**REPLICATED, "minReadySeconds": 5}})
    assert health(admin.read(manifest)).reason == "its controller has not seen the last change yet"


def test_a_failed_run_has_ended(admin: Api, make: Make) -> None:
    manifest = make(TRAINING, RUNTIME)
    assert end_of(admin.read(manifest)) is None
    admin.set_status(manifest, conditions(Failed="True"))
    assert end_of(admin.read(manifest)) is End.FAILED


def test_waiting_ends_when_the_controller_has_reported(admin: Api, make: Make) -> None:
    manifest = make("apps/v1 Deployment", REPLICATED)
    reporting = threading.Timer(1.0, lambda: admin.set_status(manifest, AVAILABLE))
    reporting.start()
    (one,) = _wait(admin, [manifest], timeout=30)
    reporting.join()
    assert one.readiness is Readiness.READY
    assert one.seconds >= 1


def test_waiting_ends_with_the_reason_when_time_is_up(admin: Api, make: Make) -> None:
    manifest = make(SERVING, SERVICE)
    admin.set_status(manifest, conditions(PredictorReady="False", Ready="False"))
    (one,) = _wait(admin, [manifest], timeout=2)
    assert (one.readiness, one.health.reason) == (Readiness.TIMED_OUT, "PredictorReady: said so")


def _wait(api: Api, manifests: Sequence[Manifest], timeout: float) -> tuple[Waited, ...]:
    done = tuple(ObjectOutcome(identity(one), Action.CREATE, "Model/iris", Result.DONE) for one in manifests)
    plan = Plan("shop", "dev", "c1", "", (TargetPlan("aws", {"kubernetes": {}}, "", ()),))
    connection = cast("Connection", Reading(api, manifests))
    return wait(
        plan, {"aws": connection}, Outcome("dev", "c1", (TargetOutcome("aws", done),)),
        Clock(time.monotonic, time.sleep), Terms(timeout), lambda target, one, health: None,
    )  # fmt: skip
