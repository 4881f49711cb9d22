from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.health import State, health

Live = Callable[..., Manifest]
ROUTE = "gateway.networking.k8s.io/v1 HTTPRoute"


def parent(accepted: str = "True", resolved: str = "True", seen: int = 3, reason: str = "Accepted") -> dict[str, Any]:
    return {
        "parentRef": {"name": "public"},
        "conditions": [
            {"type": "Accepted", "status": accepted, "reason": reason, "observedGeneration": seen},
            {"type": "ResolvedRefs", "status": resolved, "message": "no service x", "observedGeneration": seen},
        ],
    }


@pytest.mark.parametrize(
    ("parents", "state", "reason"),
    [
        ([], State.PROGRESSING, "no gateway has taken the route yet"),
        ([parent()], State.READY, ""),
        ([parent(seen=2)], State.PROGRESSING, "a gateway has not seen the last change of the route yet"),
        (
            [parent("False", reason="NotAllowedByListeners")],
            State.FAILED,
            "gateway public: Accepted: NotAllowedByListeners",
        ),
        ([parent("False", reason="Pending")], State.PROGRESSING, "gateway public: Accepted: Pending"),
        ([parent(resolved="False")], State.PROGRESSING, "gateway public: ResolvedRefs: no service x"),
        ([parent(), parent(resolved="False"), parent("False", reason="NoMatchingParent")], State.FAILED, "NoMatching"),
    ],
)
def test_a_route_is_ready_when_every_gateway_has_taken_it(
    live: Live, parents: list[Any], state: State, reason: str
) -> None:
    found = health(live(ROUTE, {"parents": parents}))
    assert found.state is state
    assert reason in found.reason


@pytest.mark.parametrize(
    ("conditions", "state"),
    [
        ({"Ready": "Unknown"}, State.PROGRESSING),
        ({"Ready": "True", "Paused": "False", "Fallback": "False"}, State.READY),
        ({"Ready": "True", "Paused": "True"}, State.SUSPENDED),
        ({"Ready": {"status": "False", "message": "no such metric"}}, State.FAILED),
    ],
)
def test_a_scaled_object(live: Live, conditions: dict[str, Any], state: State) -> None:
    assert health(live("keda.sh/v1alpha1 ScaledObject", **conditions)).state is state


def test_a_scaler_that_fell_back_says_so(live: Live) -> None:
    found = health(live("keda.sh/v1alpha1 ScaledObject", Ready="True", Fallback={"status": "True", "reason": "F"}))
    assert (found.state, found.reason) == (State.READY, "Fallback: F")


def test_a_definition_is_ready_once_it_is_served(live: Live) -> None:
    kind = "apiextensions.k8s.io/v1 CustomResourceDefinition"
    assert health(live(kind, NamesAccepted="True")).state is State.PROGRESSING
    assert health(live(kind, NamesAccepted="True", Established="True")).state is State.READY
    assert health(live(kind, NamesAccepted="False", Established="False")).state is State.FAILED


@pytest.mark.parametrize(
    ("kind", "phase", "state"),
    [
        ("Namespace", "Active", State.READY),
        ("Namespace", "Terminating", State.PROGRESSING),
        ("PersistentVolumeClaim", "Bound", State.READY),
        ("PersistentVolumeClaim", "Pending", State.PROGRESSING),
        ("PersistentVolumeClaim", "Lost", State.FAILED),
    ],
)
def test_phases(live: Live, kind: str, phase: str, state: State) -> None:
    assert health(live(f"v1 {kind}", {"phase": phase})).state is state


def test_a_queue_is_ready_when_it_is_active(live: Live) -> None:
    kind = "kueue.x-k8s.io/v1beta1 LocalQueue"
    stopped = {"status": "False", "message": "there is no cluster queue"}
    assert health(live(kind, Active="True")).state is State.READY
    assert health(live(kind, Active=stopped)).reason == "Active: there is no cluster queue"


CERTIFICATE = "cert-manager.io/v1 Certificate"


def test_any_kind_goes_by_its_condition_ready(live: Live) -> None:
    issuing = {"status": "False", "reason": "DoesNotExist", "message": "Issuing certificate"}
    found = health(live(CERTIFICATE, Ready=issuing))
    assert (found.state, found.reason, found.certain) == (State.PROGRESSING, "Ready: Issuing certificate", False)
    assert health(live(CERTIFICATE, Ready="True")).state is State.READY


def test_any_kind_that_says_which_generation_it_saw_is_certain(live: Live) -> None:
    assert health(live(CERTIFICATE, {"observedGeneration": 3}, Ready="True")).certain is True
    assert health(live(CERTIFICATE, {"observedGeneration": 2}, Ready="True")).state is State.PROGRESSING


def test_what_is_stalled_has_failed(live: Live) -> None:
    stalled = {"status": "True", "message": "cannot go on"}
    assert health(live(CERTIFICATE, Stalled=stalled, Ready="False")).state is State.FAILED


def test_without_any_condition_nothing_is_known(live: Live) -> None:
    found = health(live("example.com/v1 Widget", {"phase": "Good"}))
    assert (found.state, found.reason) == (State.UNKNOWN, "nothing tells when Widget is ready")


@pytest.mark.parametrize(
    ("ready", "synced", "state"),
    [
        (None, "", State.PROGRESSING),
        ("True", "3-abc", State.READY),
        ("True", "", State.READY),
        ("True", "2-abc", State.PROGRESSING),
        ({"status": "False", "reason": "SecretSyncedError", "message": "no such secret"}, "2-abc", State.FAILED),
    ],
)
def test_an_external_secret_is_ready_once_its_secret_is_as_it_says(
    live: Live, ready: Any, synced: str, state: State
) -> None:
    conditions = {"Ready": ready} if ready else {}
    manifest = live("external-secrets.io/v1 ExternalSecret", {"syncedResourceVersion": synced}, **conditions)

    found = health(manifest)

    assert found.state is state
    assert found.state is not State.FAILED or "no such secret" in found.reason
