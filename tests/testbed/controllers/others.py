"""What controllers that do not run here would report: a gateway takes each route, an operator has each secret."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import urllib3

from tests.testbed.api import Api, ApiError, Object

PAUSE_SECONDS = 0.5
CONTROLLER = "testbed.mlgitops.dev/gateway"
ADDRESS = "192.0.2.1"
"""An address of those that are kept for documentation (RFC 5737)."""
TIME = "2026-01-01T00:00:00Z"
GATEWAY_API = "gateway.networking.k8s.io/v1"


def gateways(namespace: str, name: str) -> Iterator[Object]:
    """A Gateway, and the class that it is of."""
    listeners = [{"name": "http", "port": 80, "protocol": "HTTP"}]
    yield {
        "apiVersion": GATEWAY_API, "kind": "GatewayClass", "metadata": {"name": "testbed"},
        "spec": {"controllerName": CONTROLLER},
    }  # fmt: skip
    yield {
        "apiVersion": GATEWAY_API, "kind": "Gateway", "metadata": {"name": name, "namespace": namespace},
        "spec": {"gatewayClassName": "testbed", "listeners": listeners},
    }  # fmt: skip


@contextlib.contextmanager
def reporting(api: Api) -> Iterator[None]:
    """Reports for as long as the block runs."""
    over = threading.Event()
    thread = threading.Thread(target=_report, args=(api, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _report(api: Api, over: threading.Event) -> None:
    """What goes while it is looked at is looked at again, or is gone."""
    while not over.wait(PAUSE_SECONDS):
        for (version, kind, plural), status in REPORTED.items():
            with contextlib.suppress(ApiError, urllib3.exceptions.HTTPError):
                for found in api.get(f"/apis/{version}/{plural}")["items"]:
                    _set(api, {**found, "apiVersion": version, "kind": kind}, status(found))


def _set(api: Api, found: Object, status: Object) -> None:
    """Writes a status where it is not there yet."""
    if any(found.get("status", {}).get(field) != value for field, value in status.items()):
        api.set_status(found, status)


def _gateway(found: Object) -> Object:
    address = [{"type": "IPAddress", "value": ADDRESS}]
    return {"addresses": address, "conditions": _true(found, "Accepted", "Programmed")}


def _route(found: Object) -> Object:
    said = {"controllerName": CONTROLLER, "conditions": _true(found, "Accepted", "ResolvedRefs")}
    return {"parents": [{"parentRef": parent, **said} for parent in found["spec"].get("parentRefs", ())]}


def _secret(found: Object) -> Object:
    ready = {"type": "Ready", "status": "True", "reason": "SecretSynced", "message": "", "lastTransitionTime": TIME}
    return {"conditions": [ready]}


def _true(found: Object, *types: str) -> list[dict[str, Any]]:
    seen = {"observedGeneration": found["metadata"]["generation"], "lastTransitionTime": TIME}
    return [{"type": name, "status": "True", "reason": name, "message": "", **seen} for name in types]


REPORTED: Mapping[tuple[str, str, str], Callable[[Object], Object]] = {
    (GATEWAY_API, "Gateway", "gateways"): _gateway,
    (GATEWAY_API, "HTTPRoute", "httproutes"): _route,
    ("external-secrets.io/v1", "ExternalSecret", "externalsecrets"): _secret,
}
"""The status of each kind, by its version, kind and plural."""
