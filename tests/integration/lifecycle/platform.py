"""What stands in for the platform of the life cycle: pods, gateway, the Prometheus operator, the Pushgateway, Argo.

KServe says that what is there is ready (``Ready``); each release that an InferenceService names answers requests and
exports metrics (``ModelRelease``), which the gateway shares out by the live route. The operator gives the rules that
are at the cluster to Prometheus, which is real as is what it evaluates.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any, Self

from mlgitops.manifest import LABEL_RELEASE
from tests.testbed.api import Api, ApiError
from tests.testbed.exporter import Exporter
from tests.testbed.gateway import Gateway, Load
from tests.testbed.model_release import ModelRelease
from tests.testbed.prometheus_server.server import Prometheus
from tests.testbed.ready import SERVICES, Ready

DEV, PROD = "shop-dev", "shop-prod"
REQUESTS = 40
"""A second."""
RULES = "/apis/monitoring.coreos.com/v1/namespaces/{}/prometheusrules"
ROUTE = {
    "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
    "metadata": {"namespace": PROD, "name": "iris-traffic"},
}  # fmt: skip
PAUSE_SECONDS = 0.2


class Platform:
    """Running while the ``with`` block does. ``pushed`` is what the Pushgateway has."""

    def __init__(self, api: Api, prometheus: Prometheus) -> None:
        self.pushed = Exporter()
        self._api, self._prometheus = api, prometheus
        self._gateway = Gateway(api, ROUTE, {})
        self._releases: dict[str, ModelRelease] = {}
        self._stack = ExitStack()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        for namespace in (DEV, PROD):
            self._api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
            self._stack.enter_context(Ready(self._api, namespace))
        self._stack.enter_context(self.pushed)
        self._prometheus.scrape(self.pushed.address)
        self._stack.enter_context(Load(self._gateway, REQUESTS))
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self._stack.close()

    @property
    def shares(self) -> list[int]:
        """The percentages of the requests that a second release had, in order."""
        seen = [weights.get("iris-canary-predictor", 0) for weights in self._gateway.weights]
        return [share for place, share in enumerate(seen) if seen[place - 1 : place] != [share]]

    def load_rules(self) -> None:
        """Has Prometheus evaluate what is at the cluster."""
        self._prometheus.rules(*self._api.get(RULES.format(PROD))["items"])

    def _run(self) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            try:
                services = self._api.get(SERVICES.format(PROD))["items"]
            except ApiError:
                continue
            for one in services:
                version = one["metadata"]["labels"][LABEL_RELEASE]
                self._gateway.backends[f"{one['metadata']['name']}-predictor"] = self._release(version)

    def _release(self, version: str) -> ModelRelease:
        if version not in self._releases:
            release = ModelRelease(version)
            self._releases[version] = self._stack.enter_context(release)
            labels: Any = {"namespace": PROD, "model": "iris", "version": version}
            self._prometheus.scrape(release.exporter.address, **labels)
        return self._releases[version]
