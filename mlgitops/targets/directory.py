"""The ``directory`` target: objects as YAML files. Needs no cluster; its files can be read, committed and synced.

    <directory>/<namespace>/<kind>.<group>_<name>.yaml                     one object a file, see ``layout``
    <directory>/.mlgitops/<project>.<environment>.<target>/inventory     what was applied, see ``inventory_file``
                                                           audit.jsonl   who applied what, see ``audit``
                                                           lock          one apply at a time, see ``lock``

Several inventories may share a directory. Nothing outside the directory is written, and no symbolic link is followed.
The inventory's file has no suffix because Argo CD takes every ``.json`` file of a directory for a manifest.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import LABEL_TARGET, Identity, Manifest, identity
from mlgitops.targets import audit, files, inventory_file, layout, lock, manifest_yaml
from mlgitops.targets.inventory import Inventory, InventoryEntry, Live, belongs_to, content_digest, owner_of
from mlgitops.targets.inventory_file import InventoryFile

STATE = ".mlgitops"
_INVENTORY_ID = re.compile(r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+")
_MARK = LABEL_TARGET.encode()


def locate(root: Path, path: str) -> Path:
    """The directory that ``path`` names, which need not exist.

    A relative path stays within the project's root; an absolute one, which only the command line may give, is taken as
    it is. Raises ``TargetError`` for a path that leaves the root, is the root, is in ``.git``, or leads through a
    symbolic link.
    """
    if Path(path).is_absolute():
        files.refuse_link(Path(path))
        return Path(path)
    parts = Path(os.path.normpath(path)).parts
    if not parts or ".." in Path(path).parts or ".git" in parts:
        raise TargetError(
            f"'{path}' is not a directory within the project", help="Name a directory of its own, such as clusters/dev."
        )
    for depth in range(len(parts)):
        files.refuse_link(root.joinpath(*parts[: depth + 1]))
    return root.joinpath(*parts)


class DirectoryConnection:
    """One inventory in a directory; satisfies ``mlgitops.targets.Connection``."""

    def __init__(self, directory: Path, inventory_id: str) -> None:
        if not _INVENTORY_ID.fullmatch(inventory_id):
            raise TargetError(f"'{inventory_id}' is not project/environment/target")
        self._directory = directory
        self._id = inventory_id
        self._state = directory / STATE / inventory_id.replace("/", ".")
        self._seen: dict[str, tuple[str, str]] = {}
        """Of each file that was read or written: its object's content digest and its own SHA-256."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the inventory, tidies what a crash left behind, and refuses an audit log that was tampered with."""
        with self._held():
            broken = self.audit_problems()
            if broken:
                raise TargetError(
                    f"the audit log {self._state / 'audit.jsonl'} was tampered with: {broken[0]}",
                    help=f"Keep a copy of it as evidence, move it away, then: {self._rebuild_command}",
                )
            yield

    def inventory(self) -> Inventory:
        """What was applied. Raises ``TargetError`` where the file is corrupt, or gone while objects are still here."""
        return self._load().inventory

    def live(self, wanted: Collection[Identity]) -> Mapping[Identity, Live]:
        """The objects that have a file, among the wanted ones and those of the inventory."""
        known = self._load()
        self._refuse_links({*wanted, *known.inventory.entries})
        found = ((one, self._read(one, known)) for one in {*wanted, *known.inventory.entries})
        return {one: live for one, live in found if live is not None}

    def owned(self) -> Mapping[Identity, Live]:
        """Every object in the directory that carries our labels or is in the inventory."""
        entries = self.inventory().entries
        return {**self._labelled(map(layout.relative_path, entries)), **self.live(())}

    def write_inventory(self, inventory: Inventory) -> None:
        """Replaces the inventory file, with the audit log's head and what is known about the objects' files."""
        head = audit.head(self._state / "audit.jsonl")
        content = inventory_file.dump(InventoryFile(inventory, dict(self._hashes(inventory)), head))
        files.write_atomically(self._state / "inventory", content, scratch=self._state)

    def put(self, manifest: Manifest, expected_digest: str) -> None:
        """Writes an object's file. Raises ``StalePlanError`` where it is not what is expected."""
        one = identity(manifest)
        self._expect(one, expected_digest)
        path = layout.relative_path(one)
        content = manifest_yaml.dump(manifest).encode()
        files.make_folder((self._directory / path).parent)
        files.write_atomically(self._directory / path, content, scratch=self._state)
        self._seen[path] = content_digest(manifest), hashlib.sha256(content).hexdigest()

    def delete(self, identity: Identity, expected_digest: str) -> None:
        """Removes an object's file. Raises ``StalePlanError`` where it is not what is expected."""
        self._expect(identity, expected_digest)
        files.remove(self._directory / layout.relative_path(identity))

    def record(self, entry: Mapping[str, Any]) -> None:
        """Adds a line to the audit log."""
        audit.append(self._state / "audit.jsonl", entry)

    def audit_problems(self) -> tuple[str, ...]:
        """What is wrong with the audit log, by line; empty where it is as it was written."""
        return audit.problems(self._state / "audit.jsonl", self._load().audit_head)

    def rebuild_inventory(self) -> Inventory:
        """Writes the inventory anew from the labels of the objects that are here, and returns it.

        What an object is now counts as what was applied; commit and time stay unknown until the next apply.
        """
        with self._held():
            empty = InventoryFile(Inventory(self._id, {}))
            found = {one: live for one in self._labelled() if (live := self._read(one, empty))}
            entries = {one: InventoryEntry(one, live.digest, owner_of(live.manifest)) for one, live in found.items()}
            inventory = Inventory(self._id, entries)
            self.write_inventory(inventory)
        return inventory

    @contextmanager
    def _held(self) -> Iterator[None]:
        for folder in (self._directory, self._state.parent, self._state):
            files.make_folder(folder)
        with lock.hold(self._state / "lock"):
            for leftover in self._state.glob(f".*{files.SCRATCH_SUFFIX}"):
                with files.wrapped("remove", leftover):
                    leftover.unlink()
            yield

    @property
    def _rebuild_command(self) -> str:
        _, environment, target = self._id.split("/")
        return f"mlgitops inventory rebuild --env {environment} --target {target}"

    def _load(self) -> InventoryFile:
        for folder in (self._directory, self._state.parent, self._state):
            files.refuse_link(folder)
        path = self._state / "inventory"
        content = files.read(path)
        if content is None:
            return self._without_file(path)
        try:
            return inventory_file.load(content, self._id)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = str(error) if type(error) is ValueError else "it is not an inventory"
            raise TargetError(f"the inventory {path} is corrupt: {reason}", help=self._rebuild_command) from error

    def _without_file(self, path: Path) -> InventoryFile:
        """An empty inventory, unless objects are here that say they are ours: then it was lost."""
        lost = len(self._labelled())
        if lost:
            message = f"the inventory {path} is gone, but {lost} of its objects are here"
            raise TargetError(message, help=self._rebuild_command)
        return InventoryFile(Inventory(self._id, {}))

    def _read(self, one: Identity, known: InventoryFile) -> Live | None:
        path = layout.relative_path(one)
        content = files.read(self._directory / path)
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
        """The objects that carry our labels, wherever in the directory their files are, but for some files."""
        known = {self._directory / path for path in passed_over}
        found = {}
        for path in (path for path in self._object_files() if path not in known):
            content = files.read(path) or b""
            manifest = manifest_yaml.parse(content, str(path)) if _MARK in content else {}
            if belongs_to(manifest, self._id):
                found[identity(manifest)] = Live.of(manifest)
        return found

    def _object_files(self) -> Iterator[Path]:
        with files.wrapped("read", self._directory):
            folders = sorted(self._directory.iterdir()) if self._directory.is_dir() else []
            for folder in folders:
                if not folder.name.startswith(".") and folder.is_dir():
                    files.refuse_link(folder)
                    yield from sorted(folder.glob(f"*{layout.SUFFIX}"))

    def _refuse_links(self, identities: Collection[Identity]) -> None:
        for folder in {layout.relative_path(one).partition("/")[0] for one in identities}:
            files.refuse_link(self._directory / folder)

    def _expect(self, one: Identity, expected_digest: str) -> None:
        self._refuse_links([one])
        path = layout.relative_path(one)
        content = files.read(self._directory / path)
        found = "" if content is None else self._parsed(one, content, path).digest
        if found != expected_digest:
            raise StalePlanError(f"{one} moved after the plan was made", help="Plan again.")
