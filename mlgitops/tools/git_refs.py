"""Git's refs, here and in other repositories: where a branch is, and moving it only if it is still there. Never forced.

A branch's name is always written out as ``refs/heads/NAME`` and an address comes after ``--``, so that neither can be
taken for an option. No hook of this repository runs; those of a repository that is pushed to are its owner's.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from mlgitops.errors import NotAuthorisedError, SourceError, ToolError
from mlgitops.tools.git import LIMITS, git, in_repository, without_login
from mlgitops.tools.git_names import public_address
from mlgitops.tools.git_objects import in_directory
from mlgitops.tools.git_remote import Remote, reach
from mlgitops.tools.process import Limits

_REFUSED = re.compile(
    r"Authentication failed|Permission denied|could not read (Username|Password)|returned error: 40[13]|access denied",
    re.IGNORECASE,
)
_FETCH = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc")
_REJECTED = re.compile(rb"^!\t[^\t]*\t\[(?:rejected|remote rejected)\] \((.*)\)$", re.MULTILINE)
_OVERTAKEN = re.compile(rb"fetch first|non-fast-forward|cannot lock ref|failed to update ref|incorrect old value|stale")


def common_directory(directory: Path) -> Path:
    """The ``.git`` folder that all work trees of a repository share. Raises ``SourceError`` outside a repository."""
    if not in_repository(directory):
        raise SourceError(f"{directory} is not in a Git repository", help="run git init, or name another repository")
    found = git(["rev-parse", "--path-format=absolute", "--git-common-dir"], directory).output
    return Path(os.fsdecode(found.removesuffix(b"\n")))


def address_of(directory: Path, remote: str) -> str:
    """The URL of a remote, without any login; empty where there is no such remote."""
    if not in_repository(directory):
        return ""
    found = git(["remote", "get-url", "--", remote], directory, accepted=(0, 2, 128))
    return public_address(found.output.decode().strip()) if found.status == 0 else ""


def make_bare(directory: Path) -> None:
    """Makes an empty bare repository, unless one is there; two processes may do so at once."""
    if (directory / "HEAD").exists():
        return
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=".new-") as folder:
        made = Path(folder, "bare")
        git(["init", "--quiet", "--bare", "--template=", "--", str(made)], Path(folder))
        with suppress(OSError):  # somebody else was faster
            made.rename(directory)


def branch_head(git_dir: Path, branch: str) -> str:
    """The commit that a branch is at; empty where there is no such branch."""
    arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{branch}^{{commit}}"]
    found = git(arguments, git_dir, accepted=(0, 1), settings=in_directory(git_dir)).output.decode().split()
    return found[-1] if found else ""


def checked_out(git_dir: Path, branch: str) -> str:
    """The work tree in which a branch is checked out; empty where there is none."""
    listed = git(["worktree", "list", "--porcelain"], git_dir, settings=in_directory(git_dir)).output
    for block in os.fsdecode(listed).split("\n\n"):
        lines = block.split("\n")
        if f"branch refs/heads/{branch}" in lines and "bare" not in lines:
            return lines[0].removeprefix("worktree ")
    return ""


def advance(git_dir: Path, branch: str, commit: str, expected: str) -> bool:
    """Moves a branch from ``expected`` (empty: it does not exist) to ``commit``; False where it is elsewhere by now."""
    try:
        move(git_dir, f"refs/heads/{branch}", commit, expected)
    except ToolError:
        if branch_head(git_dir, branch) == expected:
            raise
        return False
    return True


def move(git_dir: Path, ref: str, commit: str, expected: str | None = None) -> None:
    """Sets a ref, from ``expected`` only where that is given. Raises ``ToolError``."""
    old = [] if expected is None else [expected or "0" * len(commit)]
    patient = ["-c", "core.filesRefLockTimeout=2000"]
    arguments = [*patient, "update-ref", "-m", "mlgitops apply", "--no-deref", ref, commit, *old]
    git(arguments, git_dir, settings=in_directory(git_dir))


def remote_head(git_dir: Path, address: str, branch: str, limits: Limits = LIMITS) -> str:
    """The commit that a branch of another repository is at; empty where it has no such branch."""
    ref = f"refs/heads/{branch}"
    remote = reach(git_dir, address)
    listed = _asked(["ls-remote", "--quiet", "--", remote.address, ref], git_dir, remote, limits)
    lines = (line.split("\t") for line in listed.decode().splitlines())
    return next((commit for commit, name in lines if name == ref), "")


def fetch(git_dir: Path, address: str, branch: str, ref: str, limits: Limits = LIMITS) -> None:
    """Brings a branch of another repository here, as ``ref``, and nothing else."""
    remote = reach(git_dir, address)
    _asked(["fetch", *_FETCH, "--", remote.address, f"+refs/heads/{branch}:{ref}"], git_dir, remote, limits)


def fetch_commit(git_dir: Path, address: str, commit: str, ref: str, limits: Limits = LIMITS) -> None:
    """Brings a commit of another repository here, as ``ref``, where that gives out commits by their ids."""
    remote = reach(git_dir, address)
    _asked(["fetch", *_FETCH, "--", remote.address, f"+{commit}:{ref}"], git_dir, remote, limits)


def push(git_dir: Path, address: str, branch: str, commit: str) -> bool:
    """Moves a branch of another repository forward to ``commit``; False where it has moved and would have to be forced.

    Raises ``NotAuthorisedError``, and ``ToolError`` with the reason where the other side refuses it.
    """
    options = ["--quiet", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no", "--no-follow-tags"]
    remote = reach(git_dir, address, push=True)
    arguments = ["push", *options, "--", remote.address, f"{commit}:refs/heads/{branch}"]
    completed = git(arguments, git_dir, accepted=(0, 1, 128), settings=remote.settings)
    if completed.status == 0:
        return True
    rejected = _REJECTED.search(completed.output)
    if rejected and _OVERTAKEN.search(rejected[1]):
        return False
    reason = rejected[1].decode("utf-8", "replace") if rejected else ""
    raise _failure("push", "\n".join(filter(None, [reason, completed.errors.strip()])))


def _asked(arguments: list[str], git_dir: Path, remote: Remote, limits: Limits) -> bytes:
    completed = git(arguments, git_dir, (0, 1, 2, 128), remote.settings, limits)
    if completed.status:
        raise _failure(arguments[0], completed.errors.strip())
    return completed.output


def _failure(verb: str, words: str) -> NotAuthorisedError | ToolError:
    message = f"git {verb} failed: {without_login(words)}"
    if _REFUSED.search(words):
        return NotAuthorisedError(message, help="Give Git a credential helper or an SSH key for this repository.")
    return ToolError(message, help="Check the address, the branch and the network.")
