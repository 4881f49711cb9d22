"""Stands in for KServe and a gateway: reports that what is there is ready, as their controllers would.

with Ready(plane.api, namespace) as ready:
    ready.never.add("iris-canary")
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Self

from tests.testbed.api import Api, ApiError

SERVICES = "/apis/serving.kserve.io/v1beta1/namespaces/{}/inferenceservices"
ROUTES = "/apis/gateway.networking.k8s.io/v1/namespaces/{}/httproutes"
PAUSE_SECONDS = 0.2
SINCE = "2026-01-01T00:00:00Z"


class Ready:
    """Reports, several times a second, that each InferenceService of a namespace is ready and each HTTPRoute accepted.

    Those named in ``never`` stay as they are. ``names`` are the InferenceServices that are there.
    """

    def __init__(self, api: Api, namespace: str) -> None:
        self.never: set[str] = set()
        self.names: set[str] = set()
        self._api, self._namespace = api, namespace
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            services = self._listed(SERVICES)
            self.names = {one["metadata"]["name"] for one in services}
            for one in services:
                self._report(one, "serving.kserve.io/v1beta1", "InferenceService", _service)
            for one in self._listed(ROUTES):
                self._report(one, "gateway.networking.k8s.io/v1", "HTTPRoute", _route)

    def _listed(self, collection: str) -> list[dict[str, Any]]:
        try:
            return list(self._api.get(collection.format(self._namespace))["items"])
        except ApiError as error:
            if error.status == 404:  # the kind is not served
                return []
            raise

    def _report(self, live: Mapping[str, Any], version: str, kind: str, status: Any) -> None:
        wanted = status(live)
        if live["metadata"]["name"] in self.never or live.get("status") == wanted:
            return
        try:
            self._api.set_status({**live, "apiVersion": version, "kind": kind}, wanted)
        except ApiError as error:
            if error.status not in (404, 409):  # it is gone, or changed meanwhile
                raise


def _condition(kind: str, live: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "status": "True",
        "reason": kind,
        "message": "",
        "lastTransitionTime": SINCE,
        "observedGeneration": live["metadata"]["generation"],
    }


def _service(live: Mapping[str, Any]) -> dict[str, Any]:
    ready = {name: value for name, value in _condition("Ready", live).items() if name in ("type", "status")}
    return {
        "conditions": [{**ready, "lastTransitionTime": SINCE}],
        "observedGeneration": live["metadata"]["generation"],
    }


def _route(live: Mapping[str, Any]) -> dict[str, Any]:
    parents = [
        {
            "parentRef": parent,
            "controllerName": "example.com/gateway",
            "conditions": [_condition("Accepted", live), _condition("ResolvedRefs", live)],
        }
        for parent in live["spec"]["parentRefs"]
    ]
    return {"parents": parents}
