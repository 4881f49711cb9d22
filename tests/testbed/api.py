"""The Kubernetes API as plain JSON over HTTP: what tests use to set a scene and to look at the outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.testbed.credentials import Access

TIMEOUT_SECONDS = 60.0
BUSY_SECONDS = 60.0
"""For how long a server that asks to come back later is asked again."""
BUSY_PAUSE_SECONDS = 0.2
MANAGER = "testbed"
APPLY = "application/apply-patch+yaml"
AGGREGATED_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

Object = dict[str, Any]


class ApiError(Exception):
    """The server refused a request: ``status`` is the HTTP status, ``reason`` the machine-readable one."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason


class Api:
    """One server and one user; may be used from several threads.

    A request is made again only where the server is busy, as it is while a custom resource is asked for the first time.
    """

    def __init__(self, access: Access) -> None:
        self._server = access.server
        self._pool = urllib3.PoolManager(
            maxsize=16,
            ca_certs=str(access.certificate_authority),
            headers={"Authorization": f"Bearer {access.token}"},
            retries=False,
            timeout=TIMEOUT_SECONDS,
        )

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The decoded answer, or text where it is not JSON. Headers are given as ``content_type=...``.

        Raises:
            ApiError: the server answered with a status of 400 or more.
            urllib3.exceptions.HTTPError: there was no answer.
        """
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        named = {**self._pool.headers, "Accept": "application/json", "Content-Type": "application/json", **named}
        encoded = None if body is None else json.dumps(body).encode()
        response = self._answered(method, self._server + path, encoded, named)
        if response.status >= 400:
            raise _error(response.status, response.data)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        return json.loads(response.data) if is_json else response.data.decode()

    def _answered(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> urllib3.BaseHTTPResponse:
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            response = self._pool.request(method, url, body=body, headers=headers)
            if response.status != 429 or time.monotonic() > deadline:
                return response
            time.sleep(BUSY_PAUSE_SECONDS)

    def get(self, path: str, **query: str) -> Any:
        """GET of a path under the server, such as ``/api/v1/namespaces``."""
        return self.request("GET", f"{path}?{urlencode(query)}" if query else path)

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """The object, created as the manifest says."""
        created: Object = self.request("POST", self.collection(manifest), manifest)
        return created

    def apply(self, manifest: Mapping[str, Any], manager: str = MANAGER) -> Object:
        """The object after server-side apply, taking every field that others own."""
        path = f"{self.path(manifest)}?{urlencode({'fieldManager': manager, 'force': 'true'})}"
        applied: Object = self.request("PATCH", path, manifest, content_type=APPLY)
        return applied

    def read(self, manifest: Mapping[str, Any]) -> Object:
        """The live object of a manifest's kind, namespace and name."""
        found: Object = self.request("GET", self.path(manifest))
        return found

    def exists(self, manifest: Mapping[str, Any]) -> bool:
        """Whether there is an object of a manifest's kind, namespace and name."""
        try:
            self.read(manifest)
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def delete(self, manifest: Mapping[str, Any]) -> None:
        """Deletes the object of a manifest's kind, namespace and name."""
        self.request("DELETE", self.path(manifest))

    def set_status(self, manifest: Mapping[str, Any], status: Mapping[str, Any]) -> Object:
        """The object with that status, as its controller would report it."""
        merged: Object = self.request(
            "PATCH", f"{self.path(manifest)}/status", {"status": status}, content_type="application/merge-patch+json"
        )
        return merged

    def path(self, manifest: Mapping[str, Any]) -> str:
        """The path of one object."""
        return f"{self.collection(manifest)}/{manifest['metadata']['name']}"

    def collection(self, manifest: Mapping[str, Any]) -> str:
        """The path of all objects of a manifest's kind, in its namespace if it has one, by the server's word."""
        version: str = manifest["apiVersion"]
        root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        resources = self.get(root)["resources"]
        found = next((each for each in resources if each["kind"] == manifest["kind"] and "/" not in each["name"]), None)
        if found is None:
            raise ApiError(404, "NotFound", f"the server has no kind {manifest['kind']} in {version}")
        if not found["namespaced"]:
            return f"{root}/{found['name']}"
        return f"{root}/namespaces/{manifest['metadata'].get('namespace', 'default')}/{found['name']}"

    def served(self) -> set[tuple[str, str, str]]:
        """Every custom or aggregated resource that is served, as group, version and plural."""
        groups = self.request("GET", "/apis", accept=AGGREGATED_DISCOVERY)["items"]
        return {
            (group["metadata"]["name"], version["version"], resource["resource"])
            for group in groups
            for version in group["versions"]
            for resource in version.get("resources", ())
        }


def _error(status: int, body: bytes) -> ApiError:
    """The server's Status object as an error, or what else it answered."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ApiError(status, "", body.decode(errors="replace").strip())
    return ApiError(status, answer.get("reason", ""), answer.get("message", ""))
