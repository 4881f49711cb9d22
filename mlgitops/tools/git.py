"""Git, as a program: what is checked out, what a commit holds. Reads only; nothing in a repository is run.

``git_objects`` and ``git_refs`` write, by the same ways of running Git.

Hooks, file watchers, replaced objects and prompts are off; of the environment only what Git needs is passed on.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import SourceError, ToolError, ToolMissingError
from mlgitops.tools.process import Completed, Limits, run

LIMITS = Limits(timeout=60, output=512 << 20)

_KEPT = ("HOME", "PATH", "TMPDIR", "XDG_CONFIG_HOME", "SSL_CERT_DIR", "SSL_CERT_FILE", "SSH_AUTH_SOCK")
_SETTINGS = {
    "GIT_ALLOW_PROTOCOL": "https:ssh:file",
    "GIT_ASKPASS": "",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = (
    "--no-pager",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "submodule.recurse=false",
)
_LOGIN = re.compile(r"://[^/\s]+@")
_YAML = (".yaml", ".yml")
NO_SETTINGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a commit's tree: path from the folder that was asked about, mode (``100644``), object id, bytes."""

    path: str
    mode: str
    object: str
    size: int

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link, whose blob is where it leads."""
        return self.mode == "120000"

    @property
    def is_submodule(self) -> bool:
        """Whether it is a commit of another repository, whose files are not here."""
        return self.mode == "160000"


def git(
    arguments: Sequence[str],
    directory: Path,
    accepted: Collection[int] = (0,),
    settings: Mapping[str, str] = NO_SETTINGS,
    limits: Limits = LIMITS,
) -> Completed:
    """Run Git in ``directory``, with ``settings`` over its environment.

    Raises ``ToolError`` for a status that is not ``accepted``, without logins of URLs.
    """
    completed = run(_command(arguments), directory=directory, environment={**environment(), **settings}, limits=limits)
    if completed.status not in accepted:
        raise _failed(arguments, completed.errors)
    return completed


def fed(arguments: Sequence[str], directory: Path, given: bytes, settings: Mapping[str, str] = NO_SETTINGS) -> bytes:
    """Run Git in ``directory`` with ``given`` on its standard input; what it prints. Raises ``ToolError``."""
    try:
        completed = subprocess.run(
            _command(arguments),
            input=given,
            cwd=directory,
            env={**environment(), **settings},
            capture_output=True,
            timeout=LIMITS.timeout,
            check=False,
        )
    except OSError as error:
        raise ToolMissingError(
            f"git could not be started: {error.strerror}", help="install git, or put it on PATH"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            f"git {_verb(arguments)} did not end within {LIMITS.timeout:g} s and was stopped",
            help="run this again; where it waits for a network, see that the host answers",
        ) from error
    if completed.returncode:
        raise _failed(arguments, completed.stderr.decode("utf-8", "replace"))
    return completed.stdout


def _failed(arguments: Sequence[str], errors: str) -> ToolError:
    return ToolError(
        f"git {_verb(arguments)} failed: {without_login(errors.strip())}",
        help="see what git says of it, and run that by itself",
    )


def _verb(arguments: Sequence[str]) -> str:
    """What Git is to do, after the settings (``-c NAME=VALUE``)."""
    return arguments[0] if arguments[0] != "-c" else _verb(arguments[2:])


def without_login(text: str) -> str:
    """The text with the logins of URLs masked."""
    return _LOGIN.sub("://***@", text)


def environment() -> dict[str, str]:
    """The environment that Git gets: no ``GIT_*`` of the caller's, nothing that could prompt or fetch."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _SETTINGS


def _command(arguments: Sequence[str]) -> list[str]:
    return ["git", *_OPTIONS, *arguments]


def version() -> str:
    """The version that Git calls itself. Raises ``ToolError`` where there is no Git."""
    return git(["version"], Path("/")).output.decode().removeprefix("git version ").strip()


def in_repository(directory: Path) -> bool:
    """Whether the folder or one above it is a Git repository."""
    return any((folder / ".git").exists() for folder in (directory, *directory.parents))


def head_commit(directory: Path) -> str:
    """The full id of the commit that is checked out; empty outside a repository or before its first commit."""
    if not in_repository(directory):
        return ""
    completed = git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], directory, accepted=(0, 1))
    return completed.output.decode().strip()


def commit_of(directory: Path, revision: str) -> str:
    """The full id of the commit that a branch, tag or short id stands for. Raises ``SourceError`` for no such."""
    if revision.startswith("-") or not revision.isprintable() or not revision:
        raise SourceError(f"{revision!r} is not a revision", help="give a branch, a tag or a commit id")
    if not in_repository(directory):
        raise SourceError(
            f"{directory} is not in a Git repository",
            help="run git init and commit the project; where you named a revision, you can leave it out instead",
        )
    arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    completed = git(arguments, directory, accepted=(0, 1, 128))
    found = completed.output.decode().split()
    if completed.status != 0 or not found:
        why = without_login(completed.errors.strip()) or "name a branch, a tag or a commit that is fetched"
        raise SourceError(f"there is no commit {revision!r}", help=why)
    return found[-1]


def is_dirty(directory: Path, paths: Sequence[str]) -> bool:
    """Whether files at ``paths`` differ from the commit that is checked out, or are not in it.

    Files that are ignored count where they are YAML, because they are read. False outside a repository.
    """
    if not in_repository(directory):
        return False
    arguments = ["status", "--porcelain", "-z", "--untracked-files=all", "--ignored=traditional"]
    listed = git([*arguments, "--ignore-submodules=all", "--", *paths], directory).output.decode("utf-8", "replace")
    return any(not entry.startswith("!!") or entry.endswith(_YAML) for entry in listed.split("\0") if entry)


def tree(directory: Path, commit: str) -> Iterator[Entry]:
    """Every file, link and submodule that the commit has in ``directory``, by path from there."""
    listed = git(["ls-tree", "-r", "-l", "-z", "--end-of-options", commit], directory).output
    for line in listed.split(b"\0"):
        if line:
            yield entry(line)


def entry(line: bytes) -> Entry:
    """An entry in the answer of ``ls-tree -l -z``. Raises ``ToolError`` where Git lacks the object."""
    about, _, path = line.partition(b"\t")
    mode, _, object, size = about.decode("ascii").split()
    if size == "BAD":
        raise _lacking(object)
    return Entry(path.decode("utf-8", "surrogateescape"), mode, object, int(size) if size != "-" else 0)


def blobs(directory: Path, objects: Collection[str], settings: Mapping[str, str] = NO_SETTINGS) -> dict[str, bytes]:
    """The contents of blobs by their object ids, read by one process."""
    asked = "".join(f"{object}\n" for object in sorted(objects))
    return dict(_batch(fed(["cat-file", "--batch"], directory, asked.encode("ascii"), settings)))


def _batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    """Objects in the answer of ``cat-file --batch``: a line of id, type and size, then the content and a line end."""
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        object, *about = output[position:end].decode("ascii").split()
        if len(about) != 2:
            raise _lacking(object)
        start, size = end + 1, int(about[1])
        yield object, output[start : start + size]
        position = start + size + 1


def _lacking(object: str) -> ToolError:
    return ToolError(f"Git has no object {object}", help="fetch the whole commit; a partial clone lacks files")
