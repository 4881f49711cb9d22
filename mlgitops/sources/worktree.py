"""A project's files as they are on disk, committed or not.

Every path is resolved before it is read and compared with the root part by part, so that neither a link nor a sibling
folder whose name begins alike (``project-other`` beside ``project``) is taken for the project.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from mlgitops.errors import SourceError
from mlgitops.sources import FOLDERS, MAX_FILE_BYTES, PROJECT_FILE
from mlgitops.sources.survey import FILE, FOLDER, Node, dangling, leaves, loop, survey
from mlgitops.tools import git

_KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: FOLDER,
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def find_root(start: Path) -> Path:
    """The nearest folder, from ``start`` upwards, that holds ``mlgitops.yaml``. Raises ``SourceError`` if none does."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise SourceError(
        f"there is no {PROJECT_FILE} in {start} or in any folder above it",
        help="go to a project's folder, or begin a project: mlgitops init",
    )


class WorkTree:
    """The project at ``root`` as it is on disk: a ``Source``.

    ``commit`` is the one checked out, empty outside a Git repository or before its first commit.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @cached_property
    def commit(self) -> str:
        """The full id of the commit that is checked out."""
        return git.head_commit(self.root)

    @cached_property
    def dirty(self) -> bool:
        """Whether the project's files differ from the commit's, or there are files that no commit has."""
        return git.is_dirty(self.root, (PROJECT_FILE, *FOLDERS))

    def files(self) -> Mapping[str, bytes]:
        """The project's files; each is read when first asked for, and once. See ``Source.files``."""
        return self._files

    @cached_property
    def _files(self) -> _Files:
        return _Files(survey(_Disk(self.root)))


class _Disk:
    """The root's folder as a ``survey.Tree``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def look(self, path: str) -> Node | None:
        given = self._root / path
        try:
            real = Path(os.path.realpath(given, strict=True))
            status = real.stat()
        except OSError as error:
            self._refuse_link(given, path, error)
            return None
        if not self._holds(real):
            raise leaves(path)
        return Node(str(real), _KINDS.get(stat.S_IFMT(status.st_mode), "something else"), status.st_size)

    def names(self, real: str) -> list[str]:
        try:
            return [child.name for child in Path(real).iterdir()]
        except OSError as error:
            raise SourceError(f"{real} cannot be read: {error.strerror}", help="see that you may read it") from error

    def _refuse_link(self, given: Path, path: str, error: OSError) -> None:
        if error.errno == errno.ELOOP:
            raise loop(path) from error
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise SourceError(f"{path} cannot be read: {error.strerror}", help="see that you may read it") from error
        if given.is_symlink():
            # What a link names outside the project may not be told by whether it is there.
            target = Path(os.path.realpath(given))
            raise (dangling(path) if self._holds(target) else leaves(path)) from error

    def _holds(self, real: Path) -> bool:
        return real.is_relative_to(self._root) and ".git" not in real.relative_to(self._root).parts


class _Files(Mapping[str, bytes]):
    """Content by path, read when first asked for."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._read: dict[str, bytes] = {}

    def __getitem__(self, path: str) -> bytes:
        if path not in self._read:
            self._read[path] = _content(path, self._places[path])
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _content(path: str, real: str) -> bytes:
    """The file's bytes. Looks again at what is opened, because it may have been exchanged since the survey."""
    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SourceError(
                    f"{path} is no longer a file", help="it was changed while it was read; run this again"
                )
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}", help="see that it is a file, and that you may read it"
        ) from error
    if len(content) > MAX_FILE_BYTES:
        raise SourceError(f"{path} grew while it was read", help="run this again once nobody writes to it")
    return content
