"""Where a controller keeps its state, by how it is run: in a directory, or where its replicas agree on a leader."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from mlgitops.controller.store import DirectoryStore, Store

if TYPE_CHECKING:
    from mlgitops.controller.loop import Leadership

NAME = "mlgitops-controller"
"""What the Lease of the leader and the ConfigMap with the state are called."""


def store_at(directory: Path, namespace: str) -> Store:
    """The store of a controller, for whoever reads it or asks for something; ``namespace`` is where it is elected."""
    if not namespace:
        return DirectoryStore(directory)
    from mlgitops.controller.map_store import MapStore
    from mlgitops.targets.kubernetes.notes import Notes
    from mlgitops.targets.kubernetes.own import own_cluster

    return MapStore(Notes(own_cluster(), namespace, NAME), nullcontext)


def elected(namespace: str) -> tuple[Store, Leadership]:
    """The store of one of several replicas, and its part in their election."""
    from mlgitops.controller.map_store import MapStore
    from mlgitops.targets.kubernetes.leadership import LeaderLease
    from mlgitops.targets.kubernetes.notes import Notes
    from mlgitops.targets.kubernetes.own import own_cluster

    client = own_cluster()
    leadership = LeaderLease(client, namespace, NAME)
    return MapStore(Notes(client, namespace, NAME), leadership.only_while), leadership
