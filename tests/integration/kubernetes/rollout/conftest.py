"""A model under constant load behind its route, a Prometheus that watches it, and a controller that rolls it out.

The API server, Prometheus and the controller are real. Stood in for are KServe, which says that what is there is ready,
and the gateway, which shares requests out by the live route's weights, and answers each as the release would.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.controller.state import ModelKey, State
from mlgitops.controller.store import DirectoryStore
from mlgitops.progressive.progress import Phase, Progress
from tests.testbed.command import Command
from tests.testbed.control_plane import ControlPlane
from tests.testbed.gateway import Gateway, Load
from tests.testbed.model_release import ModelRelease
from tests.testbed.prometheus_server.fixtures import prometheus_program, running_prometheus, shared_prometheus
from tests.testbed.prometheus_server.server import Prometheus
from tests.testbed.ready import Ready
from tests.testbed.scene import Scene
from tests.testbed.waiting import wait_until

__all__ = ["prometheus_program", "running_prometheus", "shared_prometheus"]

SECONDS = 150.0
RATE = 100
"""Requests a second."""
STABLE, NEW = "iris-predictor", "iris-canary-predictor"
ROUTE = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute"}
STEPS = [{"weight": 10, "hold": "2s"}, {"weight": 50, "hold": "2s"}]
ANALYSIS = {
    "interval": "500ms", "window": "5s", "failures": 2, "requests": 10,
    "measures": [
        {"name": "errors", "of": "errors", "max": 2, "maxRatio": 5},
        {"name": "slow", "of": "latency", "threshold": "100ms", "max": 5},
    ],
}  # fmt: skip


class Shares:
    """How a gateway shares requests out between the stable release and the new one."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    @property
    def weights(self) -> list[int]:
        """Percent of both now; empty before there is a route."""
        return self._shares[-1] if self._shares else []

    @property
    def seen(self) -> list[int]:
        """The percentages of the new release, in the order in which they were there."""
        news = [new for _, new in self._shares]
        return [new for place, new in enumerate(news) if news[place - 1 : place] != [new]]

    @property
    def met(self) -> dict[str, int]:
        """How many requests each release met."""
        return {one.version: one.met for one in self._gateway.backends.values()}

    @property
    def _shares(self) -> list[list[int]]:
        whole = [weights for weights in self._gateway.weights if weights]
        return [[one[STABLE], one[NEW]] if len(one) == 2 else [100, 0] for one in whole]


class Rollout:
    """Iris on its way from 1.0 to 1.1, in Git."""

    def __init__(self, scene: Scene, prometheus: Prometheus, gateway: Gateway) -> None:
        self.scene = scene
        self.prometheus = prometheus
        self.load = Shares(gateway)
        self.new = gateway.backends[NEW]
        self.state = scene.root.with_name(f"{scene.root.name}-state")
        path = scene.root / "targets/here.yaml"
        target = yaml.safe_load(path.read_text())
        target["spec"]["components"] |= {"gatewayApi": "1.3.0", "prometheusOperator": "0.85.0"}
        named = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
        target["spec"] |= {"serving": {"gateway": named}, "prometheus": {"url": prometheus.url}}
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

    def progress(self) -> Progress | None:
        return self.remembered().progress.get(ModelKey("dev", "iris"))

    def phase(self) -> Phase | None:
        progress = self.progress()
        return progress.phase if progress else None

    def until(self, weight: int) -> None:
        """Waits until the new release has so many percent of the requests."""
        told = f"{weight} percent, after {self.load.seen}"
        wait_until(lambda: self.load.weights[1:] == [weight], told, SECONDS)

    def until_phase(self, phase: Phase) -> None:
        wait_until(lambda: self.phase() is phase, f"it to be {phase}, after {self.load.seen}", SECONDS)


@pytest.fixture
def rollout(
    control_plane: ControlPlane, namespace: str, tmp_path: Path, shared_prometheus: Prometheus
) -> Iterator[Rollout]:
    """Nothing is applied yet, and both releases do well."""
    (tmp_path / "shop").mkdir()
    with ExitStack() as stack:
        releases = {STABLE: ModelRelease("1.0"), NEW: ModelRelease("1.1")}
        for name, one in releases.items():
            stack.enter_context(one)
            labels = {"namespace": namespace, "model": "iris", "version": one.version, "part": name}
            shared_prometheus.scrape(one.exporter.address, **labels)
        route = {**ROUTE, "metadata": {"namespace": namespace, "name": "iris-traffic"}}
        gateway = Gateway(control_plane.api, route, releases)
        stack.enter_context(Ready(control_plane.api, namespace))
        stack.enter_context(Load(gateway, RATE))
        yield Rollout(Scene(control_plane, tmp_path / "shop", namespace), shared_prometheus, gateway)
