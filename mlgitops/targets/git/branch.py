"""A branch: where it is, and moving it only if it is still there. Here, or in another repository by fetch and push."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from mlgitops.errors import NotAuthorisedError, SourceError, TargetError, ToolError
from mlgitops.targets.git.location import ORIGIN, Location, mirror
from mlgitops.tools import git_objects, git_refs
from mlgitops.tools.git import without_login

ATTEMPTS = 12
"""Times that a branch is tried to be moved which others move at the same time."""
_LONGEST_PAUSE = 2.0  # seconds
_FETCHES = 3  # a branch that moves between asking where it is and fetching it is asked again


@contextmanager
def wrapped(name: str) -> Iterator[None]:
    """Turns the errors of programs and of the operating system into ours, with the branch's name."""
    try:
        yield
    except (ToolError, SourceError) as error:
        raise TargetError(f"{name}: {error.message}", help=error.help) from error
    except OSError as error:
        raise TargetError(
            f"{name}: {error.strerror or error}",
            help="See that the repository's directory is there, and that you may write to it.",
        ) from error


def pause(attempt: int) -> float:
    """Seconds to wait, longer each time and never the same, so that those who collided do not do so again."""
    return min(_LONGEST_PAUSE, 0.05 * 2.0**attempt) * (0.5 + secrets.randbelow(1000) / 2000)


class Branch(Protocol):
    """A branch of manifests. ``git_dir`` is the repository in which its commits are read and made."""

    name: str

    @property
    def git_dir(self) -> Path: ...

    def refuse_writing(self) -> None:
        """Raises ``TargetError`` where moving the branch would pull it from under somebody."""

    def head(self) -> str:
        """The commit it is at, whose files are here; empty where there is no such branch."""

    def advance(self, commit: str, expected: str) -> bool:
        """Moves it from ``expected`` to ``commit``, which follows it; False where it is elsewhere by now."""


def open_branch(location: Location, root: Path) -> Branch:
    """The branch at a location. Raises ``TargetError`` where there is no repository."""
    if location.address:
        return RemoteBranch(location.branch, location.address, mirror(location.address))
    with wrapped(f"branch {location.branch}"):
        git_dir = git_refs.common_directory(root)
    if not location.push:
        return LocalBranch(location.branch, git_dir)
    if not git_refs.address_of(root, ORIGIN):
        raise TargetError(
            f"branch {location.branch} is to be pushed, but the repository has no remote '{ORIGIN}'",
            help="Add the remote, or leave out connection.git.push.",
        )
    return RemoteBranch(location.branch, ORIGIN, git_dir)


class LocalBranch:
    """A branch of the repository that holds the project."""

    def __init__(self, branch: str, git_dir: Path) -> None:
        self.name = f"branch {branch}"
        self.git_dir = git_dir
        self._branch = branch

    def refuse_writing(self) -> None:
        with wrapped(self.name):
            tree = git_refs.checked_out(self.git_dir, self._branch)
        if tree:
            raise TargetError(
                f"{self.name} is checked out in {tree}; files there would seem to be changed",
                help="Check out another branch there, or name another one in connection.git.branch.",
            )

    def head(self) -> str:
        with wrapped(self.name):
            return git_refs.branch_head(self.git_dir, self._branch)

    def advance(self, commit: str, expected: str) -> bool:
        with wrapped(self.name):
            return git_refs.advance(self.git_dir, self._branch, commit, expected)


class RemoteBranch:
    """A branch of another repository. ``store`` is a repository here that holds what was fetched from it."""

    def __init__(self, branch: str, address: str, store: Path) -> None:
        self.name = f"branch {branch} of {without_login(address)}"
        self._branch = branch
        self._address = address
        self._store = store
        own = address == ORIGIN
        self._ref = f"refs/remotes/{ORIGIN}/{branch}" if own else f"refs/mlgitops/branches/{branch}"

    @property
    def git_dir(self) -> Path:
        with wrapped(self.name):
            git_refs.make_bare(self._store)
        return self._store

    def refuse_writing(self) -> None:
        """Nobody works in a branch of a remote."""

    def head(self) -> str:
        with wrapped(self.name):
            for _ in range(_FETCHES):
                commit = git_refs.remote_head(self.git_dir, self._address, self._branch)
                if not commit or git_objects.has_commit(self.git_dir, commit):
                    return commit
                self._fetch(commit)
        raise TargetError(f"{self.name} moves faster than it can be read", help="Try again.")

    def advance(self, commit: str, expected: str) -> bool:
        with wrapped(self.name):
            if not self._push(commit):
                return False
            # So that Git does not tidy away what it will need next time.
            git_refs.move(self.git_dir, self._ref, commit)
        return True

    def _push(self, commit: str) -> bool:
        try:
            return git_refs.push(self.git_dir, self._address, self._branch, commit)
        except (ToolError, NotAuthorisedError):
            # The answer may have been lost after the branch had moved.
            if self._is_at(commit):
                return True
            raise

    def _is_at(self, commit: str) -> bool:
        try:
            return git_refs.remote_head(self.git_dir, self._address, self._branch) == commit
        except (ToolError, NotAuthorisedError):
            return False

    def _fetch(self, commit: str) -> None:
        try:
            git_refs.fetch(self.git_dir, self._address, self._branch, self._ref)
        except ToolError:
            # Another process that fetches the same branch may hold its ref.
            if not git_objects.has_commit(self.git_dir, commit):
                raise
