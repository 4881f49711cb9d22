"""etcd: how it is started, and a look at its keys below the API server, for putting things back quickly."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import urllib3

from tests.testbed.errors import TestbedError
from tests.testbed.process import Process, free_port

ALL_KEYS = {"key": base64.b64encode(b"/registry/").decode(), "range_end": base64.b64encode(b"/registry0").decode()}
_OWN = ("leases/kube-", "masterleases/", "apiregistration.k8s.io/", "configmaps/kube-system/", "namespaces/kube-")
KEPT = tuple(f"/registry/{prefix}".encode() for prefix in _OWN)
"""What the control plane writes for itself, at times of its own choosing."""
TRANSACTION_SIZE = 128

Key = bytes


class Etcd:
    """One etcd on loopback ports that nobody else uses. It may lose what it holds when the machine stops."""

    def __init__(self, program: Path, directory: Path) -> None:
        self.data = directory / "etcd"
        self.url = f"http://127.0.0.1:{free_port()}"
        command: list[str | Path] = [
            program,
            f"--data-dir={self.data}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            "--listen-peer-urls=http://127.0.0.1:0",
            "--unsafe-no-fsync=true",
            "--quota-backend-bytes=4294967296",
            "--log-level=warn",
        ]
        self.process = Process(command, directory)

    def keys(self) -> frozenset[Key]:
        """The keys of all objects that tests or their programs may have made."""
        with urllib3.PoolManager(retries=False) as pool:
            answer = self._call(pool, "range", ALL_KEYS | {"keys_only": True})
        keys = (base64.b64decode(entry["key"]) for entry in answer.get("kvs", ()))
        return frozenset(key for key in keys if not key.startswith(KEPT))

    def remove(self, keys: frozenset[Key]) -> None:
        """Removes objects at once and for good, whatever finalisers they have; the API server sees them go."""
        with urllib3.PoolManager(retries=False) as pool:
            requests = [{"request_delete_range": {"key": base64.b64encode(key).decode()}} for key in sorted(keys)]
            self._transactions(pool, requests)

    def held(self, namespace: str) -> dict[Key, bytes]:
        """What a namespace's objects are, as they are stored, for ``put_back``."""
        keys = sorted(key for key in self.keys() if f"/{namespace}/".encode() in key)
        with urllib3.PoolManager(retries=False) as pool:
            requests = [{"request_range": {"key": base64.b64encode(key).decode()}} for key in keys]
            answers = self._transactions(pool, requests)
        found = [entry for answer in answers for entry in answer["response_range"].get("kvs", ())]
        return {base64.b64decode(entry["key"]): base64.b64decode(entry["value"]) for entry in found}

    def put_back(self, namespace: str, before: dict[Key, bytes]) -> None:
        """Makes a namespace's objects what they were: those that came go, and those that changed or went come back."""
        now = self.held(namespace)
        self.remove(frozenset(now.keys() - before.keys()))
        moved = {key: value for key, value in before.items() if now.get(key) != value}
        with urllib3.PoolManager(retries=False) as pool:
            puts = [
                {"request_put": {"key": base64.b64encode(key).decode(), "value": base64.b64encode(value).decode()}}
                for key, value in moved.items()
            ]
            self._transactions(pool, puts)

    def _transactions(self, pool: urllib3.PoolManager, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers to all requests, in their order."""
        answers: list[dict[str, Any]] = []
        for start in range(0, len(requests), TRANSACTION_SIZE):
            answer = self._call(pool, "txn", {"success": requests[start : start + TRANSACTION_SIZE]})
            answers += answer.get("responses", ())
        return answers

    def _call(self, pool: urllib3.PoolManager, method: str, body: dict[str, Any]) -> dict[str, Any]:
        response = pool.request("POST", f"{self.url}/v3/kv/{method}", json=body)
        if response.status != 200:
            raise TestbedError(f"etcd answered {response.status}: {response.data.decode(errors='replace')}")
        answer: dict[str, Any] = response.json()
        return answer
