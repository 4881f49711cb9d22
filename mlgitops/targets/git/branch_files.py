"""The files of a branch's folder at one commit, with changes that are not committed yet over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from mlgitops.errors import TargetError
from mlgitops.targets import layout
from mlgitops.targets.files import LARGEST
from mlgitops.targets.git.branch import Branch, wrapped
from mlgitops.targets.manifest_files import STATE
from mlgitops.tools import git, git_objects

_REGULAR = ("100644", "100755")


class BranchFiles:
    """Files in a folder of a branch; satisfies ``manifest_files.Files``.

    They are those of one commit, which ``pin`` moves to the branch's head, so that all reading sees the same state.
    Writing changes nothing but what is read here afterwards.
    """

    def __init__(self, branch: Branch, folder: str) -> None:
        self._branch = branch
        self._prefix = f"{folder}/" if folder else ""
        self._folder = folder
        self._commit: str | None = None
        self._entries: dict[str, git.Entry] = {}
        self._contents: dict[str, bytes] = {}
        self._changes: dict[str, bytes | None] = {}
        self._asked: set[str] = set()

    @property
    def commit(self) -> str:
        """The commit whose files these are; empty where the branch does not exist."""
        if self._commit is None:
            self.pin(self._branch.head())
        assert self._commit is not None
        return self._commit

    @property
    def changes(self) -> Mapping[str, bytes | None]:
        """What was written since the commit, by path from the branch's root; None where a file was removed."""
        return {self.path(path): content for path, content in self._changes.items()}

    def pin(self, commit: str) -> None:
        """Shows the files of a commit from now on, and forgets what was written."""
        with wrapped(self._branch.name):
            self._entries = self._listed(commit)
            objects = {entry.object for path, entry in self._entries.items() if _is_read(path, entry)}
            blobs = git_objects.blobs(self._branch.git_dir, objects)
        self._contents = {path: blobs[e.object] for path, e in self._entries.items() if e.object in blobs}
        self._commit, self._changes, self._asked = commit, {}, set()

    def drop(self) -> None:
        """Forgets what was written."""
        self._changes = {}

    def forget(self) -> None:
        """Forgets what was written, and shows the branch as it is when it is read next."""
        self._commit, self._changes, self._asked = None, {}, set()

    def differ_at(self, commit: str) -> bool:
        """Whether any of the files that were read or written here are others at another commit."""
        with wrapped(self._branch.name):
            there = self._listed(commit)
        return any(_object(self._entries, path) != _object(there, path) for path in self._asked | self._changes.keys())

    def path(self, path: str) -> str:
        """The path from the branch's root."""
        return self._prefix + path

    def name(self, path: str) -> str:
        return f"{self.path(path)} of {self._branch.name}"

    def read(self, path: str) -> bytes | None:
        self.commit  # noqa: B018 - pins the branch before the first reading
        self._asked.add(path)
        if path in self._changes:
            return self._changes[path]
        self._refuse_odd(path)
        return self._contents.get(path)

    def write(self, path: str, content: bytes) -> None:
        self.commit  # noqa: B018 - the first reading would forget what was written before it
        self._changes[path] = content

    def remove(self, path: str) -> None:
        self.commit  # noqa: B018
        self._changes[path] = None

    def refuse_links(self, folders: Iterable[str]) -> None:
        self.commit  # noqa: B018
        for folder in folders:
            if folder in self._entries:
                raise TargetError(f"{self.name(folder)} is not a folder", help="Remove it from the branch.")

    def objects(self) -> Iterator[str]:
        self.commit  # noqa: B018
        yield from sorted(path for path in {*self._entries, *self._changes} if _may_be_object(path))

    def _listed(self, commit: str) -> dict[str, git.Entry]:
        entries = git_objects.files(self._branch.git_dir, commit, self._folder)
        return {path.removeprefix(self._prefix) if path != self._folder else "": e for path, e in entries.items()}

    def _refuse_odd(self, path: str) -> None:
        entry = self._entries.get(path)
        if entry and entry.mode not in _REGULAR:
            what = "a symbolic link" if entry.is_link else "a submodule"
            raise TargetError(f"{self.name(path)} is {what}", help="Remove it from the branch.")
        if entry and entry.size > LARGEST:
            raise TargetError(f"{self.name(path)} is larger than {LARGEST} bytes", help="Remove it from the branch.")


def _object(entries: Mapping[str, git.Entry], path: str) -> str:
    return entries[path].object if path in entries else ""


def _is_read(path: str, entry: git.Entry) -> bool:
    return entry.mode in _REGULAR and entry.size <= LARGEST and (_may_be_object(path) or path.startswith(f"{STATE}/"))


def _may_be_object(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return len(parts) == 2 and not parts[0].startswith(".") and path.endswith(layout.SUFFIX)
