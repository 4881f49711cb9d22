"""What a local forge knows beyond branches: pull requests, comments and statuses, as files of one ref.

The ref ``refs/mlgitops/forge`` of the bare repository is a line of commits, each the whole state after one change. It
is moved only if it is still where it was read, so that any number of processes may write at the same time, and it
goes with the repository wherever that is cloned to with all its refs.

    pull-requests/<number>.json           what was said and who approved of which commit
    pull-requests/<number>/<marker>.md    a comment
    statuses/<commit>/<context>.json      a status; the context is percent-encoded
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import SystemRandom
from typing import Any
from urllib.parse import quote, unquote

import orjson

from mlgitops.errors import ForgeError, ToolError
from mlgitops.tools import git_objects, git_refs
from mlgitops.tools.git import git
from mlgitops.tools.git_objects import Author, in_directory

REF = "refs/mlgitops/forge"
FOLDER = "pull-requests"
TRIES = 200
LONGEST_PAUSE_SECONDS = 0.2

Files = Mapping[str, bytes]
Change = Callable[[Files], Mapping[str, bytes]]


class Record:
    """The record of one bare repository."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir

    def read(self, folder: str = "") -> Files:
        """Every file below a folder, by path, as it is now."""
        return self._at(self._head(), folder)

    def change(self, message: str, change: Change) -> None:
        """Writes what ``change`` makes of the files that are there; it is asked again where another was faster.

        Where it makes nothing new, nothing is written. Raises ``ForgeError`` where others are faster all the time.
        """
        for _ in range(TRIES):
            head = self._head()
            written = git_objects.write_commit(self._git_dir, head, change(self._at(head)), Author(message))
            if not written or self._move(written, head):
                return
            time.sleep(SystemRandom().uniform(0, LONGEST_PAUSE_SECONDS))  # so that they take turns
        raise ForgeError("too many processes write to the local forge", help="Run this again.")

    def _head(self) -> str:
        arguments = ["rev-parse", "--verify", "--quiet", f"{REF}^{{commit}}"]
        return git(arguments, self._git_dir, (0, 1), in_directory(self._git_dir)).output.decode().strip()

    def _move(self, commit: str, expected: str) -> bool:
        """Moves the ref; False where it is elsewhere by now."""
        try:
            git_refs.move(self._git_dir, REF, commit, expected)
        except ToolError:
            if self._head() == expected:
                raise
            return False
        return True

    def _at(self, commit: str, folder: str = "") -> dict[str, bytes]:
        entries = git_objects.files(self._git_dir, commit, folder)
        contents = git_objects.blobs(self._git_dir, [entry.object for entry in entries.values()])
        return {path: contents[entry.object] for path, entry in entries.items()}


def pull_file(number: int) -> str:
    """Where a pull request is."""
    return f"{FOLDER}/{number}.json"


def numbers_in(files: Files) -> Iterator[int]:
    """The numbers of all pull requests, whose files lie in the folder itself; those of comments lie deeper."""
    parts = (path.removesuffix(".json").split("/") for path in files if path.endswith(".json"))
    return (int(path[1]) for path in parts if len(path) == 2 and path[0] == FOLDER)


def comments_of(number: int) -> str:
    """The folder of a pull request's comments."""
    return f"{FOLDER}/{number}"


def comment_file(number: int, marker: str) -> str:
    """Where the comment of a marker is."""
    return f"{comments_of(number)}/{marker}.md"


def statuses_of(commit: str) -> str:
    """The folder of a commit's statuses."""
    return f"statuses/{commit}"


def status_file(commit: str, context: str) -> str:
    """Where the status of a context is."""
    return f"{statuses_of(commit)}/{quote(context, safe='')}.json"


def context_of(path: str) -> str:
    """The context whose status a file holds."""
    return unquote(path.rpartition("/")[2].removesuffix(".json"))


def encoded(data: Mapping[str, Any]) -> bytes:
    """A file's content: JSON that a person can read and Git can diff."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def decoded(content: bytes) -> dict[str, Any]:
    """A file's content back. Raises ``ForgeError`` where somebody broke it."""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ForgeError(
            f"the local forge's record in {REF} is corrupt: {error}",
            help="Restore that ref of the repository from a copy of it.",
        ) from error
    if not isinstance(data, dict):
        raise ForgeError(
            f"the local forge's record in {REF} is corrupt: not a map",
            help="Restore that ref of the repository from a copy of it.",
        )
    return data
