"""Where manifests go: the protocol that every kind of target satisfies, and how a connection is opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from mlgitops.errors import TargetError
from mlgitops.manifest import Identity, Manifest
from mlgitops.targets.events import Event
from mlgitops.targets.inventory import (
    SHARED_OWNER,
    Inventory,
    InventoryEntry,
    Live,
    Rebuilt,
    belongs_to,
    content_digest,
    owner_of,
    same_version,
    uid_of,
    versions_of,
    without_stamp,
)
from mlgitops.targets.preview import Conflict, Preview

__all__ = [
    "SHARED_OWNER", "Conflict", "Connection", "Event", "Inventory", "InventoryEntry", "Live", "Preview",
    "Rebuilt", "belongs_to", "content_digest", "is_rendered", "open_connection", "owner_of", "same_version", "uid_of",
    "versions_of", "without_stamp",
]  # fmt: skip


class Connection(Protocol):
    """One inventory at one target.

    ``expected`` is the version of what is expected to be there, empty where nothing is. Whatever fails raises
    ``TargetError`` or ``NotAuthorisedError``. What is written is written within ``lock``. A target may be all or
    nothing: then it is written when the inventory is written for the second time within one lock, which raises
    ``StalePlanError`` or ``NothingWrittenError`` where that fails. ``tests/contract`` states what each kind does.
    """

    width: int
    """How many objects may be written at once, from as many threads."""

    def lock(self) -> AbstractContextManager[None]:
        """Holds the target for one apply. Raises ``TargetError`` naming who holds it."""

    def inventory(self) -> Inventory:
        """The inventory; empty before the first apply. Raises ``TargetError`` where it is lost or corrupt."""

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        """Those objects that exist, among the wanted ones and, unless it is to be ``exact``, those of the inventory."""

    def versions(self, wanted: Collection[Identity]) -> str:
        """A digest that moves with the inventory and with any change of an object that ``live`` would find.

        Empty where that cannot be had for less than reading them. ``targets.versions_of`` gives it for what was read.
        """

    def owned(self) -> Mapping[Identity, Live]:
        """Every object that carries our labels or is in the inventory."""

    def preview(self, manifests: Sequence[Manifest], live: Mapping[Identity, Live]) -> Mapping[Identity, Preview]:
        """What an apply would make of each manifest; those that just become what they say may be left out."""

    def inside(self, container: Identity) -> Collection[Identity]:
        """What a Namespace or CustomResourceDefinition holds and what would be deleted with it, whoever made it."""

    def events(self, identity: Identity) -> Sequence[Event]:
        """The last Events of an object and of the pods that belong to it, newest first, at most 20; none for files."""

    def require_rights(self, puts: Collection[Identity], deletes: Collection[Identity]) -> None:
        """Sees, without writing, that these may be written and deleted, as far as the target can tell.

        They were among the wanted ones of ``live``. Raises ``NotAuthorisedError`` naming every right that is missing.
        """

    def write_inventory(self, inventory: Inventory) -> None:
        """Replaces the inventory as a whole."""

    def rebuild_inventory(self, rendered: Collection[Identity] = ()) -> Rebuilt:
        """Writes the inventory anew from the labels of the objects that are there.

        ``rendered`` is what Git asks for: it is looked for wherever else nobody may look. Raises
        ``NotAuthorisedError``, with nothing written, where that may not be looked for either.
        """

    def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        """Creates or changes an object; what the inventory has to say of it then.

        ``force`` takes fields from other field managers. Raises ``StalePlanError`` where what is live is not what is
        expected.
        """

    def delete(self, identity: Identity, expected: str) -> None:
        """Deletes an object and returns once it is gone. Raises ``StalePlanError`` as ``put`` does."""

    def record(self, entry: Mapping[str, Any]) -> None:
        """Adds a line to the audit log."""


def is_rendered(connection: Mapping[str, Any]) -> bool:
    """Whether a Target's connection block leads to files, so that what runs from them is known elsewhere."""
    return connection.get("kubernetes") is None


def open_connection(
    connection: Mapping[str, Any], root: Path, inventory_id: str, *, unattended: bool = False
) -> Connection:
    """Opens a Target's connection block. Nothing is written by opening.

    ``root`` is the project's root, to which a relative path belongs. ``inventory_id`` is
    ``project/environment/target``. ``unattended`` says that no person is there: then only those credential plugins run
    that the block allows by name. Raises ``TargetError`` for any other connection than one of the three kinds.
    """
    given = {kind: settings for kind, settings in connection.items() if settings is not None}
    match given:
        case {"directory": {"path": path}} if len(given) == 1:
            from mlgitops.targets.directory import DirectoryConnection, locate

            return DirectoryConnection(locate(root, path), inventory_id)
        case {"git": settings} if len(given) == 1:
            from mlgitops.targets.git.connection import open_git

            return open_git(settings, root, inventory_id)
        case {"kubernetes": settings} if len(given) == 1:
            from mlgitops.targets.kubernetes.connection import open_kubernetes

            return open_kubernetes(settings, root, inventory_id, unattended=unattended)
    named = ", ".join(sorted(given)) or "none"
    raise TargetError(
        f"the connection '{named}' is not supported", help="Use exactly one of directory, git and kubernetes."
    )
