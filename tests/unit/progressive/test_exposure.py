"""How far a new release is exposed, in manifests."""

from __future__ import annotations

from typing import Any

from mlgitops.progressive.exposure import exposed
from mlgitops.progressive.terms import Step, Terms

ROUTE: dict[str, Any] = {
    "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "iris-traffic"},
    "spec": {"rules": [{
        "backendRefs": [
            {"name": "iris-predictor", "port": 80, "weight": 100},
            {"name": "iris-canary-predictor", "port": 80, "weight": 0},
        ],
        "timeouts": {"request": "60s"},
    }]},
}  # fmt: skip
SERVICE: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": {"name": "iris"},
    "spec": {"predictor": {"canaryTrafficPercent": 0, "minReplicas": 1}},
}  # fmt: skip
STEPS = (Step(10, 0, 60.0),)


def terms(kind: str, name: str) -> Terms:
    return Terms("iris", "i", "1.1", "1.0", "d", "iris-canary", (kind, name), STEPS)


ROUTED, KNATIVE = terms("HTTPRoute", "iris-traffic"), terms("InferenceService", "iris")


def weights(route: Any) -> list[int]:
    return [backend["weight"] for backend in route["spec"]["rules"][0]["backendRefs"]]


def test_the_weights_of_a_route_share_all_requests_out() -> None:
    route, service = exposed([ROUTE, SERVICE], ROUTED, Step(25, 0, 0.0))
    assert weights(route) == [75, 25]
    assert service is SERVICE
    assert weights(ROUTE) == [100, 0]


def test_on_knative_the_service_itself_says_the_percent() -> None:
    route, service = exposed([ROUTE, SERVICE], KNATIVE, Step(25, 0, 0.0))
    assert service["spec"]["predictor"] == {"canaryTrafficPercent": 25, "minReplicas": 1}
    assert route is ROUTE


def test_copies_go_to_the_new_release_and_answers_come_from_the_stable_one() -> None:
    (route,) = exposed([ROUTE], ROUTED, Step(0, 20, 0.0))
    (rule,) = route["spec"]["rules"]
    backend = {"name": "iris-canary-predictor", "port": 80}
    assert rule["filters"] == [{"type": "RequestMirror", "requestMirror": {"backendRef": backend, "percent": 20}}]
    assert weights(route) == [100, 0]


def test_a_step_takes_the_place_of_the_one_before() -> None:
    (mirrored,) = exposed([ROUTE], ROUTED, Step(0, 100, 0.0))
    (back,) = exposed([mirrored], ROUTED, Step(0, 0, 0.0))
    assert "percent" not in mirrored["spec"]["rules"][0]["filters"][0]["requestMirror"]
    assert back == ROUTE


def test_what_an_overlay_added_to_the_route_stays_as_it_is() -> None:
    (rule,) = ROUTE["spec"]["rules"]
    other = {"name": "audit", "port": 80, "weight": 1}
    header = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x"]}}
    own = {**rule, "backendRefs": [other, *rule["backendRefs"]], "filters": [header]}
    patched = {**ROUTE, "spec": {"rules": [own, {"backendRefs": [other]}, {"filters": [header]}]}}
    (route,) = exposed([patched], ROUTED, Step(0, 50, 0.0))
    first, second, third = route["spec"]["rules"]
    assert [one["weight"] for one in first["backendRefs"]] == [1, 100, 0]
    assert [one["type"] for one in first["filters"]] == ["RequestHeaderModifier", "RequestMirror"]
    assert second["backendRefs"] == [other]
    assert third == {"filters": [header]}
