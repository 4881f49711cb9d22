"""Directories in the user's cache that are made once: programs that take minutes to build, downloaded files."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path


def home(environment: Mapping[str, str]) -> Path:
    """``$XDG_CACHE_HOME``, else ``~/.cache``, and in it our own directory."""
    base = environment.get("XDG_CACHE_HOME") or Path(environment["HOME"], ".cache")
    return Path(base, "mlgitops", "testbed")


def fingerprint(parts: Iterable[bytes]) -> str:
    """Names what a directory was made from; each part counts, and so does where one ends."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """``target``, filled by ``make`` unless it is there already.

    It appears under its name only once it is whole. Of several processes that want it one makes it, the others wait.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.with_name(f"{target.name}.lock")):
        if not target.is_dir():
            _make(target, make)
    return target


def _make(target: Path, make: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="making-") as scratch:
        unfinished = Path(scratch, target.name)
        unfinished.mkdir()
        make(unfinished)
        unfinished.rename(target)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Held by one process at a time; the kernel lets go of it when that process ends, however it ends."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
