"""A mirror of one branch of a repository elsewhere, which only ever moves forward.

The branch is fetched, and its head is accepted unless ``acceptance`` refuses it; then the last accepted commit stays in
force. Which that is, a ref remembers, and a file beside the repository, so that a broken one can be made anew.

    DIRECTORY/<digest of address and branch>/
      lock              held while the mirror advances, by one process at a time
      accepted          the last accepted commit
      project/.git      a repository without any checkout, whose remote ``origin`` is the address

Nobody is asked for a password. Git finds logins by the settings in ``$HOME/.gitconfig``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import SourceError, ToolError, ToolMissingError
from mlgitops.sources import mirror_directory
from mlgitops.sources.acceptance import ANYBODY, Refused, Trust, refusal
from mlgitops.sources.commit import Commit
from mlgitops.tools import git_history, git_objects, git_refs
from mlgitops.tools.git import git
from mlgitops.tools.git_names import PLAIN_PATH, git_branch, git_repository, is_url
from mlgitops.tools.process import Limits, ToolTimeoutError

__all__ = ["ANYBODY", "Advance", "Mirror", "Refused", "Trust"]

ASKING = Limits(timeout=30, output=1 << 20)
"""What asking where the branch is may take: 30 seconds."""
FETCHING = Limits(timeout=600, output=1 << 20)
"""What bringing commits here may take: 10 minutes, for the first of a large repository."""

_ACCEPTED = "refs/mlgitops/accepted"


@dataclass(frozen=True, slots=True)
class Advance:
    """``commit`` is in force now, ``previous`` was before (empty: none was); ``refused`` is the head if it is not.

    Another process on the same directory may have moved it in between: compare ``commit`` with what was done last.
    """

    commit: str
    previous: str
    refused: Refused | None = None


class _BrokenError(Exception):
    """The repository lacks what it should have."""


class Mirror:
    """The mirror of ``branch`` at ``address`` in a directory of its own below ``directory``.

    ``address`` is a URL (https, ssh, file), USER@HOST:PATH or a path, without a login. Raises ``SourceError`` for an
    address or a branch that cannot be one. ``root`` is where the repository is, for what asks about ``origin``.
    """

    def __init__(self, directory: Path, address: str, branch: str, trust: Trust = ANYBODY) -> None:
        self.address = _checked_address(address)
        self.branch = _checked_branch(branch)
        self.trust = _checked_trust(trust)
        name = hashlib.sha256(f"{self.address}\n{branch}".encode()).hexdigest()[:16]
        self._directory = directory.absolute() / name
        self.root = self._directory / "project"
        self.git_dir = self.root / ".git"
        self._tracking = f"refs/remotes/origin/{branch}"
        self._is_known_whole = False
        self._is_known_broken = False
        self._read: Mapping[str, bytes] = {}
        """What was read last: most of it is in the next commit as well."""

    @property
    def accepted(self) -> str:
        """The commit in force: the last accepted one; empty where there is none. Asks nobody."""
        found = ""
        with suppress(ToolError):
            found = self._at(_ACCEPTED)
        return found or mirror_directory.remembered(self._directory)

    def advance(self) -> Advance:
        """Fetches the branch and accepts its head, or says why not. One process at a time.

        Raises ``NotAuthorisedError``, ``ToolError`` and ``SourceError`` where the branch cannot be read, or is gone.
        """
        with self._wrapped(), mirror_directory.locked(self._directory):
            try:
                return self._advance(self.accepted)
            except _BrokenError:
                accepted = self.accepted
                self._make_anew(accepted)
                return self._advance(accepted)

    def source(self, commit: str, folder: str = "") -> Commit:
        """The project in a folder of the repository, at a commit that was accepted. Its files are read at once.

        Raises ``SourceError``, ``ToolError`` and ``FindingsError`` as ``Commit`` does. A repository whose files cannot
        be read is made anew when the mirror advances next.
        """
        if folder and not re.fullmatch(PLAIN_PATH, folder):
            raise SourceError(
                f"{folder!r} is not the name of a folder in the repository",
                help="write it as it is in the repository, such as ml/shop",
            )
        root = self.root / folder
        root.mkdir(parents=True, exist_ok=True)
        try:
            source = Commit(root, commit, self._read)
            self._read = source.blobs
        except ToolMissingError:
            raise
        except ToolError:
            self._is_known_broken = True
            raise
        return source

    def follows(self, commit: str, earlier: str) -> bool:
        """Whether ``earlier`` is in the history of ``commit``, or the same; False where either is not known here."""
        try:
            return git_history.is_ancestor(self.git_dir, earlier, commit)
        except ToolError:
            return False

    def _advance(self, previous: str) -> Advance:
        if not (self.git_dir / "HEAD").exists():
            self._make_anew(previous)
        self._refuse_broken(previous)
        mirror_directory.clear(self.git_dir, [_ACCEPTED, self._tracking], 2 * FETCHING.timeout)
        head = self._fetch(previous)
        if head == previous:
            return Advance(previous, previous)
        if refused := self._refusal(previous, head):
            return Advance(previous, previous, refused)
        git_refs.move(self.git_dir, _ACCEPTED, head)
        mirror_directory.remember(self._directory, head)
        return Advance(head, previous)

    def _fetch(self, previous: str) -> str:
        """The head of the branch, which is here then."""
        head = git_refs.remote_head(self.git_dir, self.address, self.branch, ASKING)
        if not head:
            raise SourceError(f"{self.address} has no branch {self.branch}", help="push it, or follow another one")
        if git_objects.has_commit(self.git_dir, head):
            return head
        try:
            git_refs.fetch(self.git_dir, self.address, self.branch, self._tracking, FETCHING)
        except (ToolMissingError, ToolTimeoutError):
            raise
        except ToolError as error:
            if self._is_whole(previous):
                raise
            raise _BrokenError from error
        _tidy(self.git_dir)
        return self._at(self._tracking)

    def _refusal(self, previous: str, head: str) -> Refused | None:
        try:
            return refusal(self.git_dir, previous, head, self.trust)
        except (ToolMissingError, ToolTimeoutError):
            raise
        except ToolError as error:  # the history has gaps
            raise _BrokenError from error

    def _refuse_broken(self, commit: str) -> None:
        """Raises ``_BrokenError`` where the commit in force lacks its ref or files; looked for once."""
        if self._is_known_broken or not (self._is_known_whole or self._is_whole(commit)):
            raise _BrokenError
        self._is_known_whole = True

    def _is_whole(self, commit: str) -> bool:
        """Whether the ref stands for the commit in force, and Git can tell the size of every file of it."""
        try:
            git_objects.files(self.git_dir, commit)
            return self._at(_ACCEPTED) == commit
        except ToolMissingError:
            raise
        except ToolError:
            return False

    def _make_anew(self, accepted: str) -> None:
        """A new repository in place of the old one, with the branch, and the commit in force if that is to be had."""
        for left in self._directory.glob("new-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=self._directory, prefix="new-") as folder:
            made = Path(folder, "made")
            git(["init", "--quiet", "--template=", "--", str(made)], Path(folder))
            git(["config", "remote.origin.url", self.address], made)
            git_refs.fetch(made / ".git", self.address, self.branch, self._tracking, FETCHING)
            if accepted:
                _bring(made / ".git", self.address, accepted)
            self.root.mkdir(exist_ok=True)
            if self.git_dir.exists():
                self.git_dir.rename(Path(folder, "old"))
            (made / ".git").rename(self.git_dir)
        self._is_known_whole, self._is_known_broken = True, False

    def _at(self, ref: str) -> str:
        """The commit that a ref stands for; empty where there is none. Raises ``ToolError``."""
        if not (self.git_dir / "HEAD").exists():
            return ""
        arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
        found = git(arguments, self.git_dir, (0, 1), git_objects.in_directory(self.git_dir)).output.decode().split()
        return found[-1] if found else ""

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SourceError(
                f"the mirror in {self._directory} cannot be kept: {error.strerror or error}",
                help="see that the directory may be written to and has room; its content may be deleted",
            ) from error
        except _BrokenError as error:
            raise SourceError(
                f"{self.address} was fetched anew and still lacks files of its branch",
                help="run git fsck in the repository there, and mend it",
            ) from error


def _tidy(git_dir: Path) -> None:
    """Packs what was fetched, where there is much of it. What nobody can reach any more goes after two weeks."""
    with suppress(ToolError):
        arguments = ["-c", "gc.autoDetach=false", "gc", "--auto", "--quiet"]
        git(arguments, git_dir, settings=git_objects.in_directory(git_dir), limits=FETCHING)


def _bring(git_dir: Path, address: str, commit: str) -> None:
    """Makes it the accepted one. A rewritten branch does not hold it, and not every server gives it out by its id."""
    with suppress(ToolError):
        if not git_objects.has_commit(git_dir, commit):
            git_refs.fetch_commit(git_dir, address, commit, _ACCEPTED, FETCHING)
        git_refs.move(git_dir, _ACCEPTED, commit)


def _checked_address(address: str) -> str:
    try:
        git_repository(address)
    except ValueError as error:
        raise SourceError(
            f"the repository's address {error}",
            help="write https://HOST/PATH, ssh://USER@HOST/PATH, USER@HOST:PATH or a path",
        ) from error
    return address if is_url(address) else str(Path(address).absolute())


def _checked_trust(trust: Trust) -> Trust:
    if trust.since and not mirror_directory.COMMIT.fullmatch(trust.since):
        raise SourceError(
            f"{trust.since!r}, since which commits are to be trusted, is not the full id of a commit",
            help="`git rev-parse NAME` gives it: 40 digits, or 64",
        )
    return trust


def _checked_branch(branch: str) -> str:
    try:
        if re.fullmatch(PLAIN_PATH, branch):
            return git_branch(branch)
    except ValueError as error:
        raise SourceError(f"the branch {branch!r} {error}", help="name a branch, such as main") from error
    raise SourceError(f"{branch!r} is not the name of a branch", help="name a branch, such as main")
