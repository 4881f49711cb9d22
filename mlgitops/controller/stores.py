"""Where a controller keeps its state, by how it is run: in a directory, or where its replicas agree on a leader."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from mlgitops.controller.store import DirectoryStore, Store
from mlgitops.errors import MlgitopsError

if TYPE_CHECKING:
    from mlgitops.controller.map_store import MapStore
    from mlgitops.controller.outside import Leadership

NAME = "mlgitops-controller"
"""What the Lease of the leader and the ConfigMap with the state are called."""


def store_at(place: str) -> Store:
    """The store of a controller, for whoever asks for something, by a place as ``place`` has it.

    Raises ``MlgitopsError`` for an address, where nothing can be left, and where no controller keeps its state.
    """
    if place.startswith(("http://", "https://")):
        raise MlgitopsError(
            f"nothing can be asked of a controller by its address {place}",
            help="name its state directory, or kubernetes:[CONTEXT/]NAMESPACE where replicas elect a leader",
        )
    if not place.startswith("kubernetes:"):
        return _in_directory(Path(place))
    from mlgitops.controller.map_store import MapStore
    from mlgitops.targets.kubernetes.notes import Notes
    from mlgitops.targets.kubernetes.own import cluster_of

    context, _, namespace = place.removeprefix("kubernetes:").rpartition("/")
    return MapStore(Notes(cluster_of(context), namespace, NAME), nullcontext)


def _in_directory(directory: Path) -> Store:
    if not directory.is_dir():
        raise MlgitopsError(
            f"there is no directory {directory}, where a controller would keep its state",
            help="name the --state directory of the controller, or kubernetes:[CONTEXT/]NAMESPACE where replicas elect "
            "a leader",
        )
    return DirectoryStore(directory)


def elected(namespace: str, me: str) -> tuple[MapStore, Leadership]:
    """The store of one of several replicas, and its part among them: in an election, or, with a name, in the work."""
    from mlgitops.controller.map_store import MapStore
    from mlgitops.targets.kubernetes.leadership import LeaderLease
    from mlgitops.targets.kubernetes.membership import Membership
    from mlgitops.targets.kubernetes.notes import Notes
    from mlgitops.targets.kubernetes.own import own_cluster

    client = own_cluster()
    leadership = Membership(client, namespace, NAME, me) if me else LeaderLease(client, namespace, NAME)
    notes = Notes(client, namespace, NAME)
    return MapStore(notes, leadership.only_while, me, lambda: leadership.share()[1]), leadership
