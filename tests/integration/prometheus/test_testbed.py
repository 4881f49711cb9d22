"""What the test bed's Prometheus, exporter, releases and gateway do: what tests of rollouts take for granted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.testbed.control_plane import ControlPlane
from tests.testbed.exporter import Exporter
from tests.testbed.gateway import Gateway, Load
from tests.testbed.model_release import ModelRelease
from tests.testbed.prometheus_server.server import Prometheus
from tests.testbed.ready import Ready
from tests.testbed.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.prometheus]
SECONDS = 30.0
STABLE, NEW = "iris-predictor", "iris-canary-predictor"


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    with Exporter() as running:
        yield running


@pytest.fixture
def releases() -> Iterator[tuple[ModelRelease, ModelRelease]]:
    with ModelRelease("1.0") as stable, ModelRelease("1.1") as new:
        yield stable, new


def test_what_is_scraped_has_the_labels_of_its_pod(shared_prometheus: Prometheus, exporter: Exporter) -> None:
    exporter.add("requests_total", 3, code="200")
    shared_prometheus.scrape(exporter.address, namespace="dev-models", model="iris", version="1.0")
    shared_prometheus.wait_for('requests_total{namespace="dev-models",model="iris",version="1.0",code="200"}', SECONDS)
    assert shared_prometheus.number("requests_total") == 3


@pytest.mark.parametrize("how", ["broken", "nonsense"])
def test_an_exporter_that_gives_no_metrics_is_down(shared_prometheus: Prometheus, exporter: Exporter, how: str) -> None:
    shared_prometheus.scrape(exporter.address)
    up = f'up{{instance="{exporter.address}"}}'
    shared_prometheus.wait_for(f"{up} == 1", SECONDS)
    setattr(exporter, how, True)
    shared_prometheus.wait_for(f"{up} == 0", SECONDS)


def test_a_rule_fires_with_its_labels(shared_prometheus: Prometheus, exporter: Exporter) -> None:
    exporter.set("worth", 1)
    rule = {"alert": "TooLow", "expr": "worth < 2", "labels": {"environment": "prod"}}
    shared_prometheus.scrape(exporter.address)
    shared_prometheus.rules({"spec": {"groups": [{"name": "iris", "rules": [rule]}]}})
    wait_until(lambda: shared_prometheus.firing(environment="prod") == {"TooLow"}, "the alert", SECONDS)
    exporter.set("worth", 3)
    wait_until(lambda: not shared_prometheus.firing(), "the alert to end", SECONDS)


def test_it_keeps_its_address_and_its_past_over_an_outage(shared_prometheus: Prometheus, exporter: Exporter) -> None:
    exporter.set("kept", 1)
    shared_prometheus.scrape(exporter.address)
    shared_prometheus.wait_for("kept", SECONDS)
    shared_prometheus.forget(exporter.address)
    shared_prometheus.stop()
    shared_prometheus.start()
    shared_prometheus.wait_for("last_over_time(kept[5m])", SECONDS)


def test_shares_of_failed_and_slow_requests_are_as_they_were_set(
    shared_prometheus: Prometheus, releases: tuple[ModelRelease, ModelRelease]
) -> None:
    stable, _ = releases
    stable.errors, stable.latency = 0.1, 0.3
    for _number in range(100):
        stable.answer()
    shared_prometheus.scrape(stable.exporter.address, version="1.0")
    shared_prometheus.wait_for("request_preprocess_seconds_count == 100", SECONDS)
    assert shared_prometheus.number("request_postprocess_seconds_count") == 90
    assert shared_prometheus.number('request_predict_seconds_bucket{le="0.25"}') == 0
    assert shared_prometheus.number('request_predict_seconds_bucket{le="0.5"}') == 100


def route(namespace: str, stable: int, new: int, mirror: int = 0) -> dict[str, Any]:
    backends = [{"name": STABLE, "port": 80, "weight": stable}, {"name": NEW, "port": 80, "weight": new}]
    copies = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": NEW, "port": 80}, "percent": mirror}}
    rule = {"backendRefs": backends, **({"filters": [copies]} if mirror else {})}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "iris-traffic", "namespace": namespace},
        "spec": {"parentRefs": [{"name": "public"}], "rules": [rule]},
    }


@pytest.mark.kubernetes
def test_a_gateway_shares_out_as_the_route_says(
    control_plane: ControlPlane, namespace: str, releases: tuple[ModelRelease, ModelRelease]
) -> None:
    shared = route(namespace, 80, 20, mirror=50)
    control_plane.api.create(shared)
    gateway = Gateway(control_plane.api, shared, dict(zip((STABLE, NEW), releases, strict=True)))
    assert all(gateway.request() for _ in range(100))
    assert gateway.sent == {STABLE: 80, NEW: 20}
    assert gateway.copied == {NEW: 50}
    del gateway.backends[NEW]
    for _number in range(100):
        gateway.request()
    assert gateway.refused == 20


@pytest.mark.kubernetes
def test_load_is_constant_and_what_is_there_becomes_ready(
    control_plane: ControlPlane, namespace: str, releases: tuple[ModelRelease, ModelRelease]
) -> None:
    shared = route(namespace, 100, 0)
    control_plane.api.create(shared)
    gateway = Gateway(control_plane.api, shared, dict(zip((STABLE, NEW), releases, strict=True)))
    with Ready(control_plane.api, namespace), Load(gateway, 100) as load:
        wait_until(lambda: load.count > 100, "a hundred requests", SECONDS)
        wait_until(lambda: "parents" in control_plane.api.read(shared).get("status", {}), "the route", SECONDS)
        control_plane.api.apply(route(namespace, 50, 50))
        wait_until(lambda: releases[1].met > 10, "requests to the new release", SECONDS)
    assert load.failed == 0
    assert gateway.weights == [{STABLE: 100, NEW: 0}, {STABLE: 50, NEW: 50}]
    assert load.count == releases[0].met + releases[1].met
