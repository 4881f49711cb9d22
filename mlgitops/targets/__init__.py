"""Where manifests go: the protocol that every kind of target satisfies, and how a connection is opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from mlgitops.errors import TargetError
from mlgitops.manifest import Identity, Manifest
from mlgitops.targets.inventory import (
    SHARED_OWNER,
    Inventory,
    InventoryEntry,
    Live,
    belongs_to,
    content_digest,
    owner_of,
    without_stamp,
)

__all__ = [
    "SHARED_OWNER", "Connection", "Inventory", "InventoryEntry", "Live",
    "belongs_to", "content_digest", "open_connection", "owner_of", "without_stamp",
]  # fmt: skip


class Connection(Protocol):
    """One inventory at one target.

    Digests are content digests; ``expected_digest`` is empty where no object is expected. Whatever fails raises
    ``TargetError`` or ``NotAuthorisedError``. What is written is written within ``lock``. A target may be all or
    nothing: then it is written when the inventory is written for the second time within one lock, which raises
    ``StalePlanError`` or ``NothingWrittenError`` where that fails. ``tests/contract`` states what each kind does.
    """

    def lock(self) -> AbstractContextManager[None]:
        """Holds the target for one apply. Raises ``TargetError`` naming who holds it."""

    def inventory(self) -> Inventory:
        """The inventory; empty before the first apply. Raises ``TargetError`` where it is lost or corrupt."""

    def live(self, wanted: Collection[Identity]) -> Mapping[Identity, Live]:
        """Those objects that exist, among the wanted ones and those of the inventory."""

    def owned(self) -> Mapping[Identity, Live]:
        """Every object that carries our labels or is in the inventory."""

    def write_inventory(self, inventory: Inventory) -> None:
        """Replaces the inventory as a whole."""

    def rebuild_inventory(self) -> Inventory:
        """Writes the inventory anew from the labels of the objects that are there, and returns it."""

    def put(self, manifest: Manifest, expected_digest: str) -> None:
        """Creates or replaces an object. Raises ``StalePlanError`` where what is live is not what is expected."""

    def delete(self, identity: Identity, expected_digest: str) -> None:
        """Deletes an object. Raises ``StalePlanError`` where what is live is not what is expected."""

    def record(self, entry: Mapping[str, Any]) -> None:
        """Adds a line to the audit log."""


def open_connection(connection: Mapping[str, Any], root: Path, inventory_id: str) -> Connection:
    """Opens a Target's connection block. Nothing is written by opening.

    ``root`` is the project's root, to which a relative path belongs. ``inventory_id`` is
    ``project/environment/target``. Raises ``TargetError`` for a kind of connection that is not supported yet.
    """
    given = {kind: settings for kind, settings in connection.items() if settings is not None}
    match given:
        case {"directory": {"path": path}} if len(given) == 1:
            from mlgitops.targets.directory import DirectoryConnection, locate

            return DirectoryConnection(locate(root, path), inventory_id)
        case {"git": settings} if len(given) == 1:
            from mlgitops.targets.git.connection import open_git

            return open_git(settings, root, inventory_id)
    named = ", ".join(sorted(given)) or "none"
    raise TargetError(f"the connection '{named}' is not supported yet", help="Use a directory or git connection.")
