"""The ``directory`` target: objects as YAML files. Needs no cluster; its files can be read, committed and synced.

Beside the objects and the inventory (see ``manifest_files``), each inventory's folder in ``.mlgitops`` holds

    audit.jsonl   who applied what, see ``audit``
    lock          one apply at a time, see ``lock``

Nothing outside the directory is written, and no symbolic link is followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.targets import audit, files, layout, lock
from mlgitops.targets.manifest_files import ManifestFiles, state_folder


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


class DirectoryFiles:
    """Files in a directory of the file system; satisfies ``manifest_files.Files``.

    ``scratch`` is the folder, by its path from the directory, in which files are written before they are moved into
    place.
    """

    def __init__(self, directory: Path, scratch: str) -> None:
        self._directory = directory
        self._scratch = directory / scratch

    def name(self, path: str) -> str:
        return str(self._directory / path)

    def read(self, path: str) -> bytes | None:
        return files.read(self._directory / path)

    def write(self, path: str, content: bytes) -> None:
        files.make_folder((self._directory / path).parent)
        files.write_atomically(self._directory / path, content, scratch=self._scratch)

    def remove(self, path: str) -> None:
        files.remove(self._directory / path)

    def refuse_links(self, folders: Iterable[str]) -> None:
        for folder in folders:
            files.refuse_link(self._directory / folder)

    def objects(self) -> Iterator[str]:
        with files.wrapped("read", self._directory):
            folders = sorted(self._directory.iterdir()) if self._directory.is_dir() else []
            for folder in folders:
                if not folder.name.startswith(".") and folder.is_dir():
                    files.refuse_link(folder)
                    yield from (f"{folder.name}/{path.name}" for path in sorted(folder.glob(f"*{layout.SUFFIX}")))


class DirectoryConnection(ManifestFiles):
    """One inventory in a directory; satisfies ``mlgitops.targets.Connection``."""

    def __init__(self, directory: Path, inventory_id: str) -> None:
        folder = state_folder(inventory_id)
        super().__init__(DirectoryFiles(directory, folder), inventory_id)
        self._directory = directory
        self._folder = directory / folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the inventory, tidies what a crash left behind, and refuses an audit log that was tampered with."""
        with self._held():
            broken = self.audit_problems()
            if broken:
                raise TargetError(
                    f"the audit log {self._audit_log} was tampered with: {broken[0]}",
                    help=f"Keep a copy of it as evidence, move it away, then: {self._rebuild_command}",
                )
            yield

    def record(self, entry: Mapping[str, Any]) -> None:
        """Adds a line to the audit log."""
        audit.append(self._audit_log, entry)

    def audit_problems(self) -> tuple[str, ...]:
        """What is wrong with the audit log, by line; empty where it is as it was written."""
        return audit.problems(self._audit_log, self._load().audit_head)

    @property
    def _audit_log(self) -> Path:
        return self._folder / "audit.jsonl"

    def _audit_head(self) -> str:
        return audit.head(self._audit_log)

    @contextmanager
    def _held(self) -> Iterator[None]:
        for folder in (self._directory, self._folder.parent, self._folder):
            files.make_folder(folder)
        with lock.hold(self._folder / "lock"):
            for leftover in self._folder.glob(f".*{files.SCRATCH_SUFFIX}"):
                with files.wrapped("remove", leftover):
                    leftover.unlink()
            yield
