"""A branch's history: its first-parent line, what each commit of it changed, and the commits that a merge brought.

``git_dir`` is a repository's ``.git`` folder or a bare repository. Reads only. Everything is told apart by NUL bytes,
which neither a message nor a name can hold, so that no text in a commit can pass for another commit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import ToolError
from mlgitops.tools.git import git
from mlgitops.tools.git_objects import in_directory

_NO_OBJECT = re.compile("0+")
_FIELDS = ("%H", "%P", "%cI", "%an <%ae>", "%B", "%G?", "%GS")
_UNSIGNED = (*_FIELDS[:5], "", "")
_WHOLE = ("--first-parent", "--diff-merges=first-parent", "--root")
_RAW = ("--raw", "--no-renames", "--no-abbrev")


@dataclass(frozen=True, slots=True)
class Message:
    """A commit: its parents, the committer's time (RFC 3339), who wrote it (``NAME <MAIL>``) and the whole message.

    ``signature`` is Git's letter (``G`` is good), empty where it was not asked; ``signer`` is whose key it is.
    """

    commit: str
    parents: tuple[str, ...]
    time: str
    author: str
    text: str
    signature: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs from the first parent's: object ids, empty for none, and the mode (``120000`` is a link)."""

    path: str
    old: str
    new: str
    mode: str


def first_parents(git_dir: Path, commit: str, folder: str) -> list[tuple[Message, tuple[FileChange, ...]]]:
    """The commits from ``commit`` back along first parents that changed files in a folder, newest first, with those.

    Raises ``ToolError``, also for a clone that lacks a part of the history.
    """
    if _is_shallow(git_dir):
        raise ToolError("the clone is shallow, so that its history is not whole", help="Run git fetch --unshallow.")
    within = ["--end-of-options", commit, "--", folder]
    messages = _messages(git_dir, ["--first-parent", *within], _UNSIGNED)
    arguments = ["log", "-z", "--no-color", "--no-show-signature", *_WHOLE, *_RAW, "--format=%H", *within]
    listed = git(arguments, git_dir, settings=in_directory(git_dir))
    changes = _changes(listed.output)
    return [(message, tuple(changes.get(message.commit, ()))) for message in messages]


def brought_by(git_dir: Path, commit: str, *, signatures: bool = False, signers: Path | None = None) -> list[Message]:
    """The commits that are in ``commit`` and not in its first parent, itself included, newest first.

    ``signers`` is a file of allowed SSH keys, as ``gpg.ssh.allowedSignersFile``.
    """
    keys = ["-c", f"gpg.ssh.allowedSignersFile={signers.absolute()}"] if signers else []
    without = [f"^{commit}^1"] if _has_parent(git_dir, commit) else []
    return _messages(git_dir, ["--end-of-options", commit, *without], _FIELDS if signatures else _UNSIGNED, keys)


def between(git_dir: Path, base: str, head: str) -> list[Message]:
    """The commits that are in ``head`` and not in ``base``, newest first."""
    return _messages(git_dir, ["--end-of-options", head, f"^{base}"], _UNSIGNED)


def parents_of_all(git_dir: Path, commit: str) -> dict[str, tuple[str, ...]]:
    """Every commit that is part of a history, with its parents; children come before their parents."""
    arguments = ["rev-list", "--topo-order", "--parents", "--end-of-options", commit]
    listed = git(arguments, git_dir, settings=in_directory(git_dir)).output.decode()
    return {words[0]: tuple(words[1:]) for words in map(str.split, listed.splitlines())}


def saying(git_dir: Path, commit: str, text: str) -> frozenset[str]:
    """The commits of a history whose message has a line that begins with a text, which has no special characters."""
    return _listed(git_dir, [f"--grep=^{text}", "--end-of-options", commit])


def touching(git_dir: Path, commit: str, folder: str) -> frozenset[str]:
    """The commits of a history that change a folder's files, whether or not that came to anything."""
    return _listed(git_dir, ["--full-history", "--end-of-options", commit, "--", folder])


def is_ancestor(git_dir: Path, commit: str, of: str) -> bool:
    """Whether a commit is part of another one's history. Raises ``ToolError`` where either is not here."""
    arguments = ["merge-base", "--is-ancestor", commit, of]
    return git(arguments, git_dir, accepted=(0, 1), settings=in_directory(git_dir)).status == 0


def merge_base(git_dir: Path, one: str, other: str) -> str:
    """The last commit that two have in common; empty where they have none."""
    arguments = ["merge-base", one, other]
    return git(arguments, git_dir, accepted=(0, 1), settings=in_directory(git_dir)).output.decode().strip()


def message_of(git_dir: Path, commit: str) -> Message:
    """One commit. Raises ``ToolError`` where it is not here."""
    return _messages(git_dir, ["-1", "--end-of-options", commit], _UNSIGNED)[0]


def _messages(
    git_dir: Path, arguments: Sequence[str], fields: Sequence[str], settings: Sequence[str] = ()
) -> list[Message]:
    form = f"--format=tformat:{'%x00'.join(fields)}"
    keyring = {name: os.environ[name] for name in ("GNUPGHOME",) if name in os.environ}
    command = [*settings, "log", "-z", "--no-color", "--no-show-signature", "--no-patch", form, *arguments]
    listed = git(command, git_dir, settings=in_directory(git_dir) | keyring)
    words = listed.output.decode("utf-8", "replace").split("\0")[:-1]
    return [_message(words[at : at + len(fields)]) for at in range(0, len(words), len(fields))]


def _listed(git_dir: Path, arguments: Sequence[str]) -> frozenset[str]:
    listed = git(["rev-list", *arguments], git_dir, settings=in_directory(git_dir)).output.decode()
    return frozenset(listed.split())


def _message(words: list[str]) -> Message:
    commit, parents, time, author, text, signature, signer = words
    return Message(commit, tuple(parents.split()), time, author, text, signature, signer.strip())


def _changes(output: bytes) -> dict[str, list[FileChange]]:
    """``COMMIT NUL`` and then ``:OLDMODE NEWMODE OLD NEW STATUS NUL PATH NUL`` for each file, again and again."""
    changes: dict[str, list[FileChange]] = {}
    words = iter(output.decode("utf-8", "surrogateescape").split("\0"))
    commit = ""
    for word in words:
        about = word.lstrip("\n")
        if about.startswith(":"):
            changes[commit].append(_change(about, next(words)))
        elif about:
            commit = about
            changes[commit] = []
    return changes


def _change(about: str, path: str) -> FileChange:
    _, mode, old, new, _ = about.split(" ")
    return FileChange(path, _object(old), _object(new), mode)


def _object(id: str) -> str:
    return "" if _NO_OBJECT.fullmatch(id) else id


def _is_shallow(git_dir: Path) -> bool:
    answer = git(["rev-parse", "--is-shallow-repository"], git_dir, settings=in_directory(git_dir)).output
    return answer.strip() == b"true"


def _has_parent(git_dir: Path, commit: str) -> bool:
    arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^1"]
    return git(arguments, git_dir, accepted=(0, 1), settings=in_directory(git_dir)).status == 0
