"""A project's files as a Git commit has them: read from its blobs, so that no half-written work tree is ever seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from mlgitops.errors import SourceError
from mlgitops.sources.survey import FILE, FOLDER, SUBMODULE, Node, dangling, leaves, loop, survey
from mlgitops.tools import git

MAX_TOTAL_BYTES = 256 * 2**20
"""All files of a project together, in bytes: 256 MiB."""

NOTHING: Mapping[str, bytes] = MappingProxyType({})

_MAX_LINKS = 40  # followed for one path, as Linux does
_LONGEST_LINK = 4096


class Commit:
    """The project at ``root`` as ``revision`` has it: a ``Source``. The work tree is not looked at.

    ``root`` is the folder of the project, in a repository; ``revision`` a branch, a tag or a commit. ``known`` are
    contents of blobs by their ids, which need not be read again. Raises ``SourceError`` where there is no such commit.
    """

    dirty = False

    def __init__(self, root: Path, revision: str, known: Mapping[str, bytes] = NOTHING) -> None:
        self.root = root.resolve()
        self.revision = revision
        self.commit = git.commit_of(self.root, revision)
        self._known = known

    def files(self) -> Mapping[str, bytes]:
        """The project's files, all read at once. See ``Source.files``."""
        return self._files

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        return {path: self.blobs[object] for path, object in self._objects.items()}

    @cached_property
    def blobs(self) -> Mapping[str, bytes]:
        """The contents of the files by the ids of their blobs."""
        wanted = set(self._objects.values())
        known = {object: self._known[object] for object in wanted if object in self._known}
        missing = wanted - known.keys()
        return known | (git.blobs(self.root, missing) if missing else {})

    @cached_property
    def _objects(self) -> Mapping[str, str]:
        """The blob of each file."""
        entries = {entry.path: entry for entry in git.tree(self.root, self.commit)}
        places = survey(_Tree(self.root, entries))
        objects = {real: entries[real].object for real in places.values()}
        if sum(entries[real].size for real in objects) > MAX_TOTAL_BYTES:
            raise SourceError(
                f"the project's files have more than {MAX_TOTAL_BYTES:,} bytes", help="move data elsewhere"
            )
        return {path: objects[real] for path, real in places.items()}


class _Tree:
    """A commit's entries as a ``survey.Tree``."""

    def __init__(self, root: Path, entries: Mapping[str, git.Entry]) -> None:
        self._root = root
        self._entries = entries
        self._folders = _folders(entries)

    @cached_property
    def _links(self) -> dict[str, str]:
        """Where each link leads, as written."""
        links = {path: e.object for path, e in self._entries.items() if e.is_link and e.size <= _LONGEST_LINK}
        targets = git.blobs(self._root, set(links.values())) if links else {}
        return {path: targets[object].decode("utf-8", "surrogateescape") for path, object in links.items()}

    def look(self, path: str) -> Node | None:
        real = self._real(path)
        if real in self._folders:
            return Node(real, FOLDER)
        entry = self._entries.get(real)
        if entry is not None and not entry.is_link:
            return Node(real, SUBMODULE if entry.is_submodule else FILE, entry.size)
        if path in self._entries:
            raise dangling(path)
        return None

    def names(self, real: str) -> list[str]:
        return self._folders[real]

    def _real(self, path: str) -> str:
        """``path`` with every link in it followed."""
        if not self._links:
            return path
        done: list[str] = []
        ahead = path.split("/")[::-1]
        followed = 0
        while ahead:
            part = ahead.pop()
            if part == ".." and not done:
                raise leaves(path)
            if part == "..":
                done.pop()
            elif part not in ("", "."):
                done.append(part)
            if (target := self._links.get("/".join(done))) is not None:
                followed += 1
                if followed > _MAX_LINKS:
                    raise loop(path)
                if target.startswith("/"):
                    raise leaves(path)
                done.pop()
                ahead += target.split("/")[::-1]
        return "/".join(done)


def _folders(entries: Mapping[str, git.Entry]) -> dict[str, list[str]]:
    """The names in each folder; the root is ``""``."""
    names: dict[str, set[str]] = defaultdict(set)
    for path in entries:
        rest = path
        while rest:
            folder, _, name = rest.rpartition("/")
            names[folder].add(name)
            rest = folder
    return {folder: sorted(held) for folder, held in names.items()}
