from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.connection import KubernetesConnection
from mlgitops.targets.kubernetes.discovery import Discovery

SECONDS = 60.0
NOTHING: dict[str, Any] = {"kind": "APIGroupDiscoveryList", "items": []}


class Slow:
    """A cluster that answers once it is let."""

    def __init__(self) -> None:
        self.asked, self.let = threading.Event(), threading.Event()

    def get(self, *_: Any, **__: Any) -> Any:
        self.asked.set()
        assert self.let.wait(SECONDS)
        return NOTHING


class Quick:
    def get(self, *_: Any, **__: Any) -> Any:
        return NOTHING


def test_a_slow_cluster_does_not_keep_others_from_saying_what_they_serve() -> None:
    slow = Slow()
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(Discovery(cast("Client", slow)).find, "", "Pod")
        try:
            assert slow.asked.wait(SECONDS)
            assert pool.submit(Discovery(cast("Client", Quick())).find, "", "Pod").result(SECONDS / 4) is None
        finally:
            slow.let.set()
        assert waiting.result(SECONDS) is None


def test_a_slow_login_does_not_keep_other_targets_from_connecting() -> None:
    """A program for credentials may take seconds, or wait for a person."""
    slow = Slow()
    first = KubernetesConnection(slow.get, "ml", "shop/dev/one")
    other = KubernetesConnection(lambda: cast("Client", Quick()), "ml", "shop/dev/other")
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(lambda: first._client)
        try:
            assert slow.asked.wait(SECONDS)
            assert pool.submit(lambda: other._client).result(SECONDS / 4) is not None
        finally:
            slow.let.set()
        assert cast("Any", waiting.result(SECONDS)) == NOTHING
