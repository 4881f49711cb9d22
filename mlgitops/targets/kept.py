"""Connections of somebody who comes again and again, unattended: clusters stay connected, and what they serve is known.

What is read of a target is read anew each time. Of a cluster are kept the sockets, the credentials, which are renewed
as they expire, and for some minutes the kinds that it serves. After a failure all of it is forgotten.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlgitops.manifest import digest
from mlgitops.targets import Connection, is_rendered, open_connection

if TYPE_CHECKING:
    from mlgitops.targets.kubernetes.client import Client
    from mlgitops.targets.kubernetes.discovery import Discovery

SERVED_SECONDS = 600.0
"""How long it is believed which kinds a cluster serves."""


class KeptConnections:
    """Opens connections; threads may share it. ``root`` is the folder to which relative paths belong."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._guard = threading.Lock()
        self._clusters: dict[str, _Cluster] = {}

    def open(self, connection: Mapping[str, Any], inventory_id: str) -> Connection:
        """A connection for one look and one apply. Raises ``TargetError`` and ``NotAuthorisedError``."""
        given = [one for one in connection.values() if one is not None]
        if is_rendered(connection) or len(given) != 1:
            return open_connection(connection, self._root, inventory_id, unattended=True)
        from mlgitops.targets.kubernetes.connection import KubernetesConnection

        with self._guard:
            cluster = self._clusters.setdefault(_key(connection), _Cluster(given[0], self._root))
        namespace = given[0].get("namespace") or "default"
        return KubernetesConnection(cluster.client, namespace, inventory_id, lambda _: cluster.discovery())

    def client(self, connection: Mapping[str, Any]) -> Client:
        """The API of a Target's cluster. Raises ``TargetError`` and ``NotAuthorisedError``."""
        settings = connection["kubernetes"]
        with self._guard:
            cluster = self._clusters.setdefault(_key(connection), _Cluster(settings, self._root))
        return cluster.client()

    def forget(self, connection: Mapping[str, Any]) -> None:
        """After a failure: the next connection begins from nothing."""
        with self._guard:
            self._clusters.pop(_key(connection), None)


class _Cluster:
    def __init__(self, settings: Mapping[str, Any], root: Path) -> None:
        self._settings = settings
        self._root = root
        self._guard = threading.RLock()
        self._client: Client | None = None
        self._discovery: Discovery | None = None
        self._discovered = 0.0

    def client(self) -> Client:
        """Connects with the first use."""
        from mlgitops.targets.kubernetes import configuration
        from mlgitops.targets.kubernetes.client import Client

        with self._guard:
            if self._client is None:
                configure = partial(configuration.load, self._settings, self._root, unattended=True)
                self._client = Client(configure, self._settings.get("impersonate"))
            return self._client

    def discovery(self) -> Discovery:
        """What the cluster serves, asked for not too long ago."""
        from mlgitops.targets.kubernetes.discovery import Discovery

        with self._guard:
            now = time.monotonic()
            if self._discovery is None or now - self._discovered > SERVED_SECONDS:
                self._discovery, self._discovered = Discovery(self.client()), now
            return self._discovery


def _key(connection: Mapping[str, Any]) -> str:
    """Equal for connections to the same cluster as the same user."""
    settings = {name: value for name, value in (connection.get("kubernetes") or {}).items() if name != "namespace"}
    return digest(settings)
