"""Reading and writing files so that a crash leaves the old content or the new, and nothing follows a symbolic link."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlgitops.errors import NotAuthorisedError, TargetError

LARGEST = 8 * 1024 * 1024  # bytes; a cluster takes objects of at most 1.5 MiB
SCRATCH_SUFFIX = ".tmp"


@contextmanager
def wrapped(doing: str, path: Path) -> Iterator[None]:
    """Turns the operating system's errors into ours: ``cannot <doing> <path>: <reason>``."""
    try:
        yield
    except PermissionError as error:
        raise NotAuthorisedError(
            f"cannot {doing} {path}: permission denied",
            help="Have whoever owns it give you the right, or name another directory in the Target.",
        ) from error
    except OSError as error:
        raise TargetError(
            f"cannot {doing} {path}: {error.strerror or error}",
            help="See that the directory is there, is what it should be, and has room.",
        ) from error


def read(path: Path) -> bytes | None:
    """A regular file's content; None where there is none.

    Raises ``TargetError`` for a symbolic link, a pipe or anything else, and for more than 8 MiB.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        refuse_link(path)
        with wrapped("read", path):
            raise error
    with wrapped("read", path), os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise TargetError(f"{path} is not a regular file", help="Remove it; nothing else belongs there.")
        if status.st_size > LARGEST:
            raise TargetError(f"{path} is larger than {LARGEST} bytes", help="Remove it; no object is that large.")
        return file.read()


def refuse_link(path: Path) -> None:
    """Raises ``TargetError`` where the path is a symbolic link."""
    if path.is_symlink():
        raise TargetError(f"{path} is a symbolic link", help="Replace it by a real file or directory.")


def write_atomically(path: Path, content: bytes, *, scratch: Path | None = None, mode: int = 0o644) -> None:
    """Replaces a file as a whole, durably: a crash at any moment leaves the old content or the new.

    The new content is first written to a file in ``scratch`` (the file's own folder where left out), which has to be
    on the same file system. Folders are not made. Raises ``TargetError``.
    """
    temporary = (scratch or path.parent) / f".{secrets.token_hex(8)}{SCRATCH_SUFFIX}"
    with wrapped("write", path):
        try:
            _write_new(temporary, content, mode)
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, unless it is there. Raises ``TargetError`` for a symbolic link."""
    refuse_link(path)
    if path.is_dir():
        return
    with wrapped("make", path):
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.parent)


def remove(path: Path) -> None:
    """Removes a file durably, and its folder where that leaves it empty. Raises ``TargetError``."""
    with wrapped("remove", path):
        path.unlink()
        sync_folder(path.parent)
    with suppress(OSError):
        path.parent.rmdir()


def sync_folder(path: Path) -> None:
    """Makes names that were added to or taken from a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
