"""What a mirror keeps beside its repository: a lock, the last accepted commit; and what a killed Git left there."""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mlgitops.errors import SourceError

LOCK_SECONDS = 60.0
"""How long another process that advances the same mirror is waited for."""

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""The full id of a commit."""
_LEFT_OVER = ("*.lock", "objects/pack/tmp_*")


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Makes the directory and holds its lock, which a dead process does not. Raises ``SourceError`` and ``OSError``."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(descriptor, time.monotonic() + LOCK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise SourceError(
                    "another process has been advancing the mirror for a long time",
                    help="see whether another controller runs with this directory, and stop one of the two",
                ) from error
            time.sleep(0.1)
        else:
            return


def clear(git_dir: Path, refs: Sequence[str], age: float) -> None:
    """Removes what a killed Git left: locks of ``refs``, which only the lock's holder moves, and what is old.

    ``age`` is how old, in seconds.
    """
    for ref in refs:
        (git_dir / f"{ref}.lock").unlink(missing_ok=True)
    old = time.time() - age
    for path in (path for pattern in _LEFT_OVER for path in git_dir.glob(pattern)):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < old:
                path.unlink()


def remembered(directory: Path) -> str:
    """The last accepted commit; empty where none is known."""
    with suppress(OSError):
        text = (directory / "accepted").read_text("ascii", "replace").strip()
        return text if COMMIT.fullmatch(text) else ""
    return ""


def remember(directory: Path, commit: str) -> None:
    """Keeps the last accepted commit. Raises ``OSError``."""
    beside = directory / "accepted.new"
    beside.write_text(f"{commit}\n", "ascii")
    beside.replace(directory / "accepted")
