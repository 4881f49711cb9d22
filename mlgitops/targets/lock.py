"""One apply at a time: a lock that the operating system gives back when its holder dies.

The lock is ``flock`` on a file that also names its holder. The kernel frees it with the process, so that the lock of a
dead process on this host is simply taken over. A name left by another host is not: that host may share the directory by
a network file system whose locks do not reach us.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlgitops.errors import TargetError
from mlgitops.targets import files


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Holds the lock for as long as the context lasts. Raises ``TargetError`` at once where somebody else holds it."""
    with files.wrapped("open", path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, path)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    host = socket.gethostname()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _held(path, _holder(descriptor), "Wait until that apply is over, then plan again.") from error
    except OSError as error:
        raise TargetError(
            f"cannot lock {path}: {error.strerror}",
            help="See that you may write there, and that the file system knows locks.",
        ) from error
    holder = _holder(descriptor)
    if holder and not holder.endswith(f" on {host}"):
        raise _held(path, holder, f"If that apply is surely over, remove {path}.")
    with files.wrapped("write", path):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {host}\n".encode(), 0)


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 512, 0).decode(errors="replace").strip()


def _held(path: Path, holder: str, help: str) -> TargetError:
    return TargetError(f"another apply holds the target: {holder or 'unknown'} ({path})", help=help)
