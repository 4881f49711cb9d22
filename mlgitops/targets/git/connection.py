"""A connection to a branch of manifests. All that an apply does becomes one commit, or nothing does.

An apply writes its inventory twice: widened before the first change, narrowed after the last. Everything up to the
second is only remembered; then it is committed and the branch is moved, unless it moved meanwhile. A crash at any
moment leaves the branch as it was or as it is to be. The commit's message is the audit log's line.

The inventory's file says only that the time of the apply is the commit's, so that equal renderings give equal trees.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlgitops.errors import NotAuthorisedError, NothingWrittenError, StalePlanError, TargetError
from mlgitops.targets import files, lock
from mlgitops.targets.git.branch import ATTEMPTS, Branch, open_branch, pause, wrapped
from mlgitops.targets.git.branch_files import BranchFiles
from mlgitops.targets.git.location import locate
from mlgitops.targets.git.message import message
from mlgitops.targets.inventory import Inventory
from mlgitops.targets.inventory_file import InventoryFile
from mlgitops.targets.manifest_files import ManifestFiles
from mlgitops.tools import git_objects

IN_HISTORY = "commit"
"""Stands in the inventory's file for a time: that of the commit that last changed the file."""


def open_git(settings: Mapping[str, Any], root: Path, inventory_id: str) -> BranchConnection:
    """Opens a Target's ``connection.git``. Raises ``TargetError``."""
    location = locate(settings, root, inventory_id)
    return BranchConnection(open_branch(location, root), location.folder, inventory_id, root)


class BranchConnection(ManifestFiles):
    """One inventory on a branch; satisfies ``mlgitops.targets.Connection``.

    Who commits, and whether and how commits are signed, is as Git is configured in the project's ``root``.
    """

    def __init__(self, branch: Branch, folder: str, inventory_id: str, root: Path) -> None:
        self._tree = BranchFiles(branch, folder)
        super().__init__(self._tree, inventory_id)
        self._branch = branch
        self._root = root
        self._recorded: list[Mapping[str, Any]] = []
        self._widened = False
        self._applied_at = ""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the inventory on this machine. Applies on other machines are told apart when the branch is moved.

        What was written without a second inventory is committed at the end, unless it ends with an exception.
        """
        with self._held():
            yield

    def write_inventory(self, inventory: Inventory) -> None:
        """Remembers the inventory, and where it is the second one of an apply, commits everything and moves the branch.

        Raises ``StalePlanError`` where the branch moved and ``NothingWrittenError`` where it could not be moved.
        """
        self._applied_at = inventory.applied_at
        super().write_inventory(replace(inventory, applied_at=IN_HISTORY if inventory.applied_at else ""))
        if self._widened:
            self._publish()
        self._widened = not self._widened

    def record(self, entry: Mapping[str, Any]) -> None:
        """Remembers an entry for the message of the next commit."""
        self._recorded.append(entry)

    def _audit_head(self) -> str:
        return ""

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._branch.refuse_writing()
        folder = self._branch.git_dir / "mlgitops"
        files.make_folder(folder)
        with lock.hold(folder / f"{self._id.replace('/', '.')}.lock"):
            self._begin()
            try:
                yield
                self._publish()
            finally:
                self._begin()

    def _begin(self) -> None:
        self._tree.forget()
        self._recorded, self._widened, self._applied_at = [], False, ""

    def _load(self) -> InventoryFile:
        loaded = super()._load()
        if loaded.inventory.applied_at != IN_HISTORY:
            return loaded
        return replace(loaded, inventory=replace(loaded.inventory, applied_at=self._time()))

    def _time(self) -> str:
        """When the apply ended whose inventory this is, RFC 3339."""
        path = self._tree.path(self._inventory_path)
        if path in self._tree.changes:
            return self._applied_at
        with wrapped(self._branch.name):
            seconds = git_objects.commit_time(self._branch.git_dir, self._tree.commit, path)
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _publish(self) -> None:
        """Commits what was written, if anything was; afterwards nothing is left to be committed, whatever happened."""
        if not self._tree.changes:
            return
        time = str(self._recorded[-1].get("time", "")) if self._recorded else ""
        said = message(self._id, self._recorded)
        author = git_objects.Author(said, time, signed=True, configured=self._root)
        try:
            self._tree.pin(self._moved(self._tree.changes, author))
        except (TargetError, NotAuthorisedError) as error:
            raise NothingWrittenError(error.message, error.help) from error
        finally:
            self._tree.drop()

    def _moved(self, changes: Mapping[str, bytes | None], author: git_objects.Author) -> str:
        """Where the branch is after the changes were committed on what it has by now, be it others' commits."""
        parent = self._tree.commit
        for attempt in range(ATTEMPTS):
            with wrapped(self._branch.name):
                commit = git_objects.write_commit(self._branch.git_dir, parent, changes, author)
            if not commit or self._branch.advance(commit, parent):
                return commit or parent
            time.sleep(pause(attempt))
            parent = self._followed()
        raise TargetError(f"{self._branch.name} moved {ATTEMPTS} times while it was to be moved", help="Try again.")

    def _followed(self) -> str:
        """Where the branch is now. Raises ``StalePlanError`` where files moved that the plan was made from."""
        moved = self._branch.head()
        if self._tree.differ_at(moved):
            raise StalePlanError(f"{self._branch.name} moved after the plan was made", help="Plan again.")
        return moved
