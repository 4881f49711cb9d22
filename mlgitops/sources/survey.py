"""Which files of a tree belong to the project, and which must not be read: one rule for work trees and commits.

Walks the well-known places (``FOLDERS`` and the project file), follows links only as far as they stay in the project,
and tells of everything that it cannot take. Left out without a word are only editors' lock links (``.#name``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, Location
from mlgitops.sources import FOLDERS, MAX_FILE_BYTES, PROJECT_FILE

MAX_FOLDERS_DEEP = 20
"""Levels of folders in one another."""
MAX_FILES = 50_000
"""Files of one project."""

FILE = "a file"
FOLDER = "a folder"
SUBMODULE = "a submodule"

_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


class Node(NamedTuple):
    """What stands at a path: where it really is, what it is (``FILE``, ``FOLDER``, or other words), and its bytes."""

    real: str
    kind: str
    size: int = 0


class RefusedError(Exception):
    """A path that must not be followed: the finding's code, message and help."""

    def __init__(self, code: str, message: str, help: str) -> None:
        super().__init__(message)
        self.code, self.help = code, help


class Tree(Protocol):
    """Something with folders, files and links. Paths are relative to the project's root, with forward slashes."""

    def look(self, path: str) -> Node | None:
        """What stands at ``path``, links followed; None for nothing. Raises ``RefusedError`` for a bad link."""
        ...

    def names(self, real: str) -> list[str]:
        """The names in a folder."""
        ...


def leaves(path: str) -> RefusedError:
    """A link that leads out of the project."""
    return RefusedError("link-leaves-project", f"{path} is a link that leaves the project", _COPY)


def dangling(path: str) -> RefusedError:
    """A link that leads nowhere."""
    return RefusedError("dangling-link", f"{path} is a link to something that does not exist", "remove it or mend it")


def loop(path: str) -> RefusedError:
    """A link that leads to itself or to a folder that it is in."""
    return RefusedError("link-loop", f"{path} is a link that leads back to itself", "remove it")


def submodule(path: str) -> RefusedError:
    """A repository within the project's."""
    return RefusedError(
        "submodule", f"{path} is a Git repository of its own", "commit its files to this one, or move it away"
    )


_COPY = "copy the file into the project; links may only lead to files within it"


def survey(tree: Tree) -> dict[str, str]:
    """The project's files: the real place of each by its path, in order.

    Raises ``FindingsError`` with a finding for each path that must not be read.
    """
    walk = _Walk(tree)
    for place in (PROJECT_FILE, *FOLDERS):
        walk.visit(place, ())
    if walk.findings:
        raise FindingsError(walk.findings)
    return dict(sorted(walk.files.items()))


@dataclass
class _Walk:
    tree: Tree
    files: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def visit(self, path: str, within: tuple[str, ...]) -> None:
        """Take the file at ``path``, or what is in the folder; ``within`` are the real folders it is in."""
        try:
            node = self.tree.look(path)
            if node is None and within:
                raise dangling(path)
            if node is None:
                return
            if node.kind == FOLDER:
                self._enter(path, node.real, within)
            else:
                self._take(path, node)
        except RefusedError as refused:
            self._refuse(path, refused.code, str(refused), refused.help)

    def _enter(self, path: str, real: str, within: tuple[str, ...]) -> None:
        if real in within:
            raise loop(path)
        if len(within) == MAX_FOLDERS_DEEP:
            raise RefusedError(
                "too-deep", f"{path} is more than {MAX_FOLDERS_DEEP} folders deep", "flatten the folders"
            )
        for name in sorted(self.tree.names(real)):
            if not name.startswith(".#"):
                self._child(path, name, (*within, real))

    def _child(self, folder: str, name: str, within: tuple[str, ...]) -> None:
        if _ODD.search(name):
            shown = f"{folder}/{name}".encode("unicode_escape").decode("ascii")
            self._refuse(shown, "file-name", "the name has characters that cannot be shown", "rename it")
        elif name == ".git":
            raise submodule(folder)
        else:
            self.visit(f"{folder}/{name}", within)

    def _take(self, path: str, node: Node) -> None:
        if node.kind == SUBMODULE:
            raise submodule(path)
        if node.kind != FILE:
            raise RefusedError("not-a-regular-file", f"{path} is {node.kind}, not a file", "remove it")
        if node.size > MAX_FILE_BYTES:
            message = f"the file has {node.size:,} bytes; at most {MAX_FILE_BYTES:,} are read"
            raise RefusedError("file-too-large", message, "split it, or keep data out of the project's folders")
        if len(self.files) == MAX_FILES:
            message = f"the project has more than {MAX_FILES:,} files"
            raise FindingsError([Finding("too-many-files", message, Location(path), help="move files elsewhere")])
        self.files[path] = node.real

    def _refuse(self, path: str, code: str, message: str, help: str) -> None:
        self.findings.append(Finding(code, message, Location(path), help=help))
