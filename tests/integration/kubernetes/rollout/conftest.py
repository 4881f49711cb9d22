"""A model under constant load behind its route, a Prometheus that watches it, and a controller that rolls it out.

The API server, Prometheus and the controller are real. Stood in for are KServe, which says that what is there is ready,
and the gateway, which shares requests out by the live route's weights, and answers each as the release would.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter as Count
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import yaml
from prometheus_client import CollectorRegistry, Histogram, start_http_server

from mlgitops.controller.state import ModelKey, State
from mlgitops.controller.store import DirectoryStore
from mlgitops.progressive.progress import Phase
from tests.testbed.api import ApiError
from tests.testbed.command import Command
from tests.testbed.control_plane import ControlPlane
from tests.testbed.prometheus_server.fixtures import prometheus, prometheus_program
from tests.testbed.prometheus_server.server import Prometheus
from tests.testbed.scene import Scene
from tests.testbed.waiting import wait_until

__all__ = ["prometheus", "prometheus_program"]

SECONDS = 150.0
RATE = 100
"""Requests a second."""
SERVICE = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
ROUTE = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}
LOADED = {
    "states": {"activeModelState": "Loaded", "targetModelState": "Loaded"}, "transitionStatus": "UpToDate",
}  # fmt: skip
STEPS = [{"weight": 10, "hold": "2s"}, {"weight": 50, "hold": "2s"}]
ANALYSIS = {
    "interval": "500ms", "window": "5s", "failures": 2, "requests": 10,
    "measures": [
        {"name": "errors", "of": "errors", "max": 2, "maxRatio": 5},
        {"name": "slow", "of": "latency", "threshold": "100ms", "max": 5},
    ],
}  # fmt: skip


class Release:
    """What one release answers, and what it exports as KServe's Python server does."""

    def __init__(self) -> None:
        self.failing = 0.0
        self.seconds = 0.01
        self.met = 0
        self._failed = 0.0
        registry = CollectorRegistry()
        self._begun = Histogram("request_preprocess_seconds", "read", registry=registry)
        self._done = Histogram("request_postprocess_seconds", "answered", registry=registry)
        self._predicted = Histogram("request_predict_seconds", "predicted", registry=registry)
        server, self._thread = start_http_server(0, "127.0.0.1", registry)
        self._server = server
        self.address = f"127.0.0.1:{server.server_port}"

    def answer(self) -> None:
        """Takes one request; of so many, an even share fails."""
        self.met += 1
        self._begun.observe(0.001)
        self._predicted.observe(self.seconds)
        self._failed += self.failing
        if self._failed >= 1:
            self._failed -= 1
        else:
            self._done.observe(0.001)

    def close(self) -> None:
        """Nothing is exported any more."""
        self._server.shutdown()
        self._server.server_close()


class Load:
    """Constant load on a model, shared out by the weights of its live route: for each the one that is most behind."""

    def __init__(self, plane: ControlPlane, namespace: str, releases: dict[str, Release]) -> None:
        self._plane = plane
        self._route = f"/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}/httproutes/iris-traffic"
        self._services = f"/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices"
        self._releases = releases
        self._due: Count[str] = Count()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._ask, self._be_ready)]
        self.weights: list[int] = []
        self.seen: list[int] = []
        """The weights of the new release, in the order in which they were there."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def met(self) -> dict[str, int]:
        """How many requests each release met."""
        return {name: one.met for name, one in self._releases.items()}

    def _ask(self) -> None:
        began, asked, looked = time.monotonic(), 0, 0.0
        while not self._stop.wait(0.01):
            if time.monotonic() - looked > 0.1:
                looked = time.monotonic()
                self._look()
            wanted = int((time.monotonic() - began) * RATE)
            for _ in range(wanted - asked if self.weights else 0):
                self._one()
            asked = wanted

    def _look(self) -> None:
        try:
            rule = self._plane.api.get(self._route)["spec"]["rules"][0]
        except ApiError:
            return
        backends = rule["backendRefs"]
        self.weights = [backend.get("weight", 1) for backend in backends] if len(backends) == 2 else [100, 0]
        if self.seen[-1:] != self.weights[1:]:
            self.seen.append(self.weights[1])

    def _one(self) -> None:
        for name, weight in zip(("stable", "new"), self.weights, strict=True):
            self._due[name] += weight
        chosen = max(self._due, key=lambda name: self._due[name])
        self._due[chosen] -= 100
        self._releases[chosen].answer()

    def _be_ready(self) -> None:
        """What KServe says of each InferenceService that is there, and a gateway of the route."""
        while not self._stop.wait(0.1):
            try:
                for one in self._plane.api.get(self._services)["items"]:
                    if (one.get("status") or {}).get("observedGeneration") != one["metadata"]["generation"]:
                        self._plane.api.set_status(_named(one, SERVICE), _ready(one["metadata"]["generation"]))
                route = self._plane.api.get(self._route)
                if not _is_accepted(route):
                    self._plane.api.set_status(_named(route, ROUTE), _accepted(route))
            except ApiError:
                continue


def _named(found: Any, kind: dict[str, str]) -> dict[str, Any]:
    return {**kind, "metadata": {name: found["metadata"][name] for name in ("namespace", "name")}}


def _is_accepted(route: Any) -> bool:
    parents = (route.get("status") or {}).get("parents") or [{"conditions": [{"observedGeneration": 0}]}]
    return bool(parents[0]["conditions"][0]["observedGeneration"] == route["metadata"]["generation"])


def _accepted(route: Any) -> dict[str, Any]:
    """What a gateway says once it has taken the route."""
    told = {"status": "True", "reason": "Taken", "message": "", "lastTransitionTime": _now()}
    conditions = [
        {**told, "type": kind, "observedGeneration": route["metadata"]["generation"]}
        for kind in ("Accepted", "ResolvedRefs")
    ]
    (parent,) = route["spec"]["parentRefs"]
    return {"parents": [{"parentRef": parent, "controllerName": "example.com/gateway", "conditions": conditions}]}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _ready(generation: int) -> dict[str, Any]:
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": _now()}
    return {"observedGeneration": generation, "conditions": [ready], "modelStatus": LOADED}


class Rollout:
    """Iris on its way from 1.0 to 1.1, in Git."""

    def __init__(self, scene: Scene, prometheus: Prometheus, load: Load, releases: dict[str, Release]) -> None:
        self.scene = scene
        self.prometheus = prometheus
        self.load = load
        self.stable, self.new = releases["stable"], releases["new"]
        self.state = scene.root.with_name(f"{scene.root.name}-state")
        path = scene.root / "targets/here.yaml"
        target = yaml.safe_load(path.read_text())
        target["spec"]["components"] |= {"gatewayApi": "1.3.0", "prometheusOperator": "0.85.0"}
        gateway = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
        target["spec"] |= {"serving": {"gateway": gateway}, "prometheus": {"url": prometheus.url}}
        path.write_text(yaml.safe_dump(target))

    def commit(self, version: str = "1.1", steps: Any = STEPS, stable: bool = True) -> None:
        """Has Git say that iris goes from 1.0 to another version."""
        self.scene.models("iris", version=version)
        path = self.scene.root / "environments/dev/models/iris.yaml"
        spec = yaml.safe_load(path.read_text())
        before = {"version": "1.0", "artifact": {"uri": "s3://models/iris/1.0"}}
        rollout = {"strategy": "canary", "steps": steps, "analysis": ANALYSIS}
        spec["spec"]["rollout"] = rollout | ({"stable": before} if stable else {})
        spec["spec"]["monitoring"] = {"metrics": True, "interval": "500ms"}
        path.write_text(yaml.safe_dump(spec))
        self.scene.commit()

    @contextmanager
    def controlled(self) -> Iterator[Command]:
        """A controller, until the block ends."""
        command = self.start()
        try:
            yield command
        finally:
            command.send(signal.SIGTERM)
            command.ended()

    def start(self) -> Command:
        """A controller that runs until somebody ends it."""
        return self.scene.start(
            "controller", "--repository", str(self.scene.root), "--state", str(self.state), "--interval", "1s"
        )

    def remembered(self) -> State:
        return DirectoryStore(self.state).read()

    def phase(self) -> Phase | None:
        progress = self.remembered().progress.get(ModelKey("dev", "iris"))
        return progress.phase if progress else None

    def until(self, weight: int) -> None:
        """Waits until the new release has so many percent of the requests."""
        told = f"{weight} percent, after {self.load.seen}"
        wait_until(lambda: self.load.weights[1:] == [weight], told, SECONDS)

    def until_phase(self, phase: Phase) -> None:
        wait_until(lambda: self.phase() is phase, f"it to be {phase}, after {self.load.seen}", SECONDS)


@pytest.fixture
def rollout(control_plane: ControlPlane, namespace: str, tmp_path: Path, prometheus: Prometheus) -> Iterator[Rollout]:
    """Nothing is applied yet, and both releases do well."""
    (tmp_path / "shop").mkdir()
    with ExitStack() as stack:
        releases = {"stable": Release(), "new": Release()}
        for (name, one), version in zip(releases.items(), ("1.0", "1.1"), strict=True):
            stack.callback(one.close)
            prometheus.scrape(one.address, namespace=namespace, model="iris", version=version, part=name)
        load = stack.enter_context(Load(control_plane, namespace, releases))
        yield Rollout(Scene(control_plane, tmp_path / "shop", namespace), prometheus, load, releases)
