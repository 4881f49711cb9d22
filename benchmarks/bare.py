"""What the cluster benchmarks are held against: the same requests with nothing around them, and kubectl."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import urllib3

from mlgitops.manifest import identity
from mlgitops.plan.order import rank
from mlgitops.targets.kubernetes.client import APPLY, WIDTH
from mlgitops.targets.kubernetes.listing import PAGE
from tests.testbed.credentials import Access

MANAGER = "mlgitops"
Manifests = Sequence[dict[str, Any]]
_PLURALS = {
    "ServiceAccount": "serviceaccounts", "InferenceService": "inferenceservices", "TrainJob": "trainjobs",
    "PodMonitor": "podmonitors", "PrometheusRule": "prometheusrules",
}  # fmt: skip


class Bare:
    """Kept-alive connections to one API server, as many as mlgitops has."""

    def __init__(self, access: Access) -> None:
        self._server = access.server
        self._pool = urllib3.PoolManager(
            maxsize=WIDTH,
            ssl_context=ssl.create_default_context(cafile=str(access.certificate_authority)),
            headers={"Authorization": f"Bearer {access.token}", "Accept": "application/json"},
            retries=False,
        )

    def list(self, manifests: Manifests, selector: str) -> int:
        """Lists, page by page and all kinds at once, what the manifests are; how many objects were decoded."""
        with ThreadPoolExecutor(WIDTH) as pool:
            return sum(pool.map(lambda path: self._listed(path, selector), sorted(set(map(_collection, manifests)))))

    def apply(self, bodies: Manifests) -> None:
        """Server-side apply of each, ``WIDTH`` at once, kind after kind as mlgitops does it."""
        ready = [(_path(body), orjson.dumps(body)) for body in sorted(bodies, key=lambda body: rank(identity(body)))]
        with ThreadPoolExecutor(WIDTH) as pool:
            list(pool.map(lambda one: self._applied(*one), ready))

    def report(self, manifest: dict[str, Any], status: dict[str, Any]) -> None:
        """Writes a status, as a controller does."""
        path, body = f"{_path(manifest)}/status", orjson.dumps({"status": status})
        self._send("PATCH", path, body, content="application/merge-patch+json")

    def make_namespace(self, name: str) -> None:
        """Makes a namespace."""
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        self._send("POST", "/api/v1/namespaces", orjson.dumps(body))

    def _listed(self, path: str, selector: str) -> int:
        following, found = "", 0
        while True:
            query = {"limit": PAGE, "labelSelector": selector, **({"continue": following} if following else {})}
            page = self._send("GET", f"{path}?{urlencode(query)}")
            found += len(page["items"])
            following = page["metadata"].get("continue", "")
            if not following:
                return found

    def _applied(self, path: str, body: bytes) -> None:
        self._send("PATCH", f"{path}?fieldManager={MANAGER}&force=false", body)

    def _send(self, method: str, path: str, body: bytes | None = None, content: str = "") -> Any:
        content = content or (APPLY if method == "PATCH" else "application/json")
        headers = {**self._pool.headers, "Content-Type": content}
        answer = self._pool.request(method, self._server + path, body=body, headers=headers)
        assert answer.status < 300, answer.data[:500]
        return orjson.loads(answer.data)


def kubectl() -> str | None:
    """The kubectl on PATH; None where there is none."""
    return shutil.which("kubectl")


def kubectl_command(verb: str, file: Path) -> list[str]:
    """``kubectl diff`` or ``apply`` of the manifests in a file, by server-side apply, as a person types it."""
    return [kubectl() or "kubectl", verb, "--server-side", "-f", str(file)]


def _collection(body: dict[str, Any]) -> str:
    root = "/apis/" if "/" in body["apiVersion"] else "/api/"
    return f"{root}{body['apiVersion']}/namespaces/{body['metadata']['namespace']}/{_PLURALS[body['kind']]}"


def _path(body: dict[str, Any]) -> str:
    return f"{_collection(body)}/{body['metadata']['name']}"
