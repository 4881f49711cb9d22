"""Objects as YAML files, whatever holds the files: what the ``directory`` and the ``git`` target have in common.

    <namespace>/<kind>.<group>_<name>.yaml                     one object a file, see ``layout``
    .mlgitops/<project>.<environment>.<target>/inventory     what was applied, see ``inventory_file``

Several inventories may share the files. The inventory's file has no suffix because Argo CD takes every ``.json`` file
of a directory for a manifest.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import LABEL_TARGET, Identity, Manifest, identity
from mlgitops.targets import inventory_file, layout, manifest_yaml
from mlgitops.targets.events import Event
from mlgitops.targets.inventory import Inventory, InventoryEntry, Live, Rebuilt, belongs_to, content_digest, owner_of
from mlgitops.targets.inventory_file import InventoryFile
from mlgitops.targets.preview import Preview

STATE = ".mlgitops"
_INVENTORY_ID = re.compile(r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+")
_MARK = LABEL_TARGET.encode()


def state_folder(inventory_id: str) -> str:
    """The folder of an inventory's own files. Raises ``TargetError`` for what is not project/environment/target."""
    if not _INVENTORY_ID.fullmatch(inventory_id):
        raise TargetError(
            f"'{inventory_id}' is not project/environment/target",
            help="Name the project, the environment and the target, such as shop/dev/here.",
        )
    return f"{STATE}/{inventory_id.replace('/', '.')}"


class Files(Protocol):
    """Files by their path from the target's root, with forward slashes. Whatever fails raises ``TargetError``."""

    def name(self, path: str) -> str:
        """The file as messages name it."""

    def read(self, path: str) -> bytes | None:
        """A regular file's content; None where there is none. Raises ``TargetError`` for anything else, and links."""

    def write(self, path: str, content: bytes) -> None:
        """Makes or replaces a file as a whole."""

    def remove(self, path: str) -> None:
        """Removes a file, and its folder where that leaves it empty."""

    def refuse_links(self, folders: Iterable[str]) -> None:
        """Raises ``TargetError`` where one of the folders is a link."""

    def objects(self) -> Iterable[str]:
        """The paths of all files that may hold an object, in order."""


class ManifestFiles(ABC):
    """One inventory among files. What is left to do for a ``Connection`` is the lock and the audit log."""

    width = 1

    def __init__(self, files: Files, inventory_id: str) -> None:
        self._files = files
        self._id = inventory_id
        self._state = state_folder(inventory_id)
        self._seen: dict[str, tuple[str, str]] = {}
        """Of each file that was read or written: its object's content digest and its own SHA-256."""

    @abstractmethod
    def _held(self) -> AbstractContextManager[None]:
        """Holds the inventory, so that nobody else writes."""

    @abstractmethod
    def _audit_head(self) -> str:
        """The audit log's head; empty where the log is kept elsewhere."""

    def inventory(self) -> Inventory:
        """What was applied. Raises ``TargetError`` where the file is corrupt, or gone while objects are still here."""
        return self._load().inventory

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        """The objects that have a file, among the wanted ones and, unless ``exact``, those of the inventory."""
        known = self._load()
        looked_for = set(wanted) if exact else {*wanted, *known.inventory.entries}
        self._refuse_links(looked_for)
        found = ((one, self._read(one, known)) for one in looked_for)
        return {one: live for one, live in found if live is not None}

    def versions(self, wanted: Collection[Identity]) -> str:
        """Nothing: to know a file's version is to read it."""
        return ""

    def owned(self) -> Mapping[Identity, Live]:
        """Every object that carries our labels or is in the inventory."""
        entries = self.inventory().entries
        return {**self._labelled(map(layout.relative_path, entries)), **self.live(())}

    def write_inventory(self, inventory: Inventory) -> None:
        """Replaces the inventory file, with the audit log's head and what is known about the objects' files."""
        content = inventory_file.dump(InventoryFile(inventory, dict(self._hashes(inventory)), self._audit_head()))
        self._files.write(self._inventory_path, content)

    def preview(self, manifests: Sequence[Manifest], live: Mapping[Identity, Live]) -> Mapping[Identity, Preview]:
        """Nothing: a file becomes what its manifest says."""
        return {}

    def events(self, identity: Identity) -> Sequence[Event]:
        """None: nobody reports on files."""
        return ()

    def inside(self, container: Identity) -> Collection[Identity]:
        """Nothing: with a file, no other goes."""
        return ()

    def require_rights(self, puts: Collection[Identity], deletes: Collection[Identity]) -> None:  # noqa: B027
        """Nothing: of a file it is known only once it is written."""

    def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        """Writes an object's file. Raises ``StalePlanError`` where it is not what is expected."""
        one = identity(manifest)
        self._expect(one, expected)
        path = layout.relative_path(one)
        content = manifest_yaml.dump(manifest).encode()
        self._files.write(path, content)
        self._seen[path] = content_digest(manifest), hashlib.sha256(content).hexdigest()
        return InventoryEntry(one, content_digest(manifest), owner_of(manifest))

    def delete(self, identity: Identity, expected: str) -> None:
        """Removes an object's file. Raises ``StalePlanError`` where it is not what is expected."""
        self._expect(identity, expected)
        self._files.remove(layout.relative_path(identity))

    def rebuild_inventory(self, rendered: Collection[Identity] = ()) -> Rebuilt:
        """Writes the inventory anew from the labels of the objects that are here; all files are looked at.

        What an object is now counts as what was applied; commit and time stay unknown until the next apply.
        """
        with self._held():
            empty = InventoryFile(Inventory(self._id, {}))
            found = {one: live for one in self._labelled() if (live := self._read(one, empty))}
            entries = {one: InventoryEntry(one, live.digest, owner_of(live.manifest)) for one, live in found.items()}
            inventory = Inventory(self._id, entries)
            self.write_inventory(inventory)
        return Rebuilt(inventory)

    @property
    def _inventory_path(self) -> str:
        return f"{self._state}/inventory"

    @property
    def _rebuild_command(self) -> str:
        _, environment, target = self._id.split("/")
        return f"mlgitops inventory rebuild --env {environment} --target {target}"

    def _load(self) -> InventoryFile:
        self._files.refuse_links(("", STATE, self._state))
        name = self._files.name(self._inventory_path)
        content = self._files.read(self._inventory_path)
        if content is None:
            return self._without_file(name)
        try:
            return inventory_file.load(content, self._id)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = str(error) if type(error) is ValueError else "it is not an inventory"
            raise TargetError(f"the inventory {name} is corrupt: {reason}", help=self._rebuild_command) from error

    def _without_file(self, name: str) -> InventoryFile:
        """An empty inventory, unless objects are here that say they are ours: then it was lost."""
        lost = len(self._labelled())
        if lost:
            message = f"the inventory {name} is gone, but {lost} of its objects are here"
            raise TargetError(message, help=self._rebuild_command)
        return InventoryFile(Inventory(self._id, {}))

    def _read(self, one: Identity, known: InventoryFile) -> Live | None:
        path = layout.relative_path(one)
        content = self._files.read(path)
        if content is None:
            return None
        sha256 = hashlib.sha256(content).hexdigest()
        entry = known.inventory.entries.get(one)
        if entry and known.files.get(path) == sha256:
            live = Live(entry.digest, lambda: manifest_yaml.parse(content, path))
        else:
            live = self._parsed(one, content, path)
        self._seen[path] = live.digest, sha256
        return live

    def _parsed(self, one: Identity, content: bytes, path: str) -> Live:
        manifest = manifest_yaml.parse(content, path)
        if identity(manifest) != one:
            raise TargetError(
                f"{path} holds {identity(manifest)}, where {one} belongs", help="Rename the file, then plan again."
            )
        return Live.of(manifest)

    def _hashes(self, inventory: Inventory) -> Iterator[tuple[str, str]]:
        """The SHA-256 of each file that is known to hold what the inventory says."""
        for one, entry in inventory.entries.items():
            path = layout.relative_path(one)
            content_digest, sha256 = self._seen.get(path, ("", ""))
            if content_digest == entry.digest:
                yield path, sha256

    def _labelled(self, passed_over: Iterable[str] = ()) -> dict[Identity, Live]:
        """The objects that carry our labels, wherever their files are, but for some files."""
        known = set(passed_over)
        found = {}
        for path in (path for path in self._files.objects() if path not in known):
            content = self._files.read(path) or b""
            manifest = manifest_yaml.parse(content, self._files.name(path)) if _MARK in content else {}
            if belongs_to(manifest, self._id):
                found[identity(manifest)] = Live.of(manifest)
        return found

    def _refuse_links(self, identities: Iterable[Identity]) -> None:
        self._files.refuse_links({layout.relative_path(one).partition("/")[0] for one in identities})

    def _expect(self, one: Identity, expected: str) -> None:
        self._refuse_links([one])
        path = layout.relative_path(one)
        content = self._files.read(path)
        found = "" if content is None else self._parsed(one, content, path).digest
        if found != expected:
            raise StalePlanError(f"{one} moved after the plan was made", help="Plan again.")
