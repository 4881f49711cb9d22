"""Results kept on disk between runs, by key. Never wrong, never needed, never in the way.

An entry that is truncated, exchanged or altered by accident is not returned. Anything that fails (a full disk, a
read-only folder) only means that nothing is kept. The folder may be deleted at any time, also while in use.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

MAX_BYTES = 256 * 2**20
"""All entries together, in bytes: 256 MiB. Beyond it the oldest are removed, down to three quarters."""
MAX_ENTRY_BYTES = 64 * 2**20
"""The largest entry that is kept: 64 MiB, which is some 40,000 manifests."""

_CHECKSUM_BYTES = hashlib.sha256().digest_size


def default_directory(environment: Mapping[str, str], version: str) -> Path | None:
    """``($XDG_CACHE_HOME or ~/.cache)/mlgitops/<version>``; None where neither is an absolute path.

    One folder a version, because what a key stands for changes with the program.
    """
    home = environment.get("HOME", "")
    for base in (environment.get("XDG_CACHE_HOME", ""), f"{home}/.cache" if home else ""):
        if base.startswith("/"):
            return Path(base, "mlgitops", version)
    return None


class Cache:
    """Entries in ``directory``, or no entries at all where it is None.

    The key says everything that the payload depends on, the program's version by the directory. Entries are written
    whole or not at all. The folder is made with mode 0700, and not used where it belongs to somebody else or others
    may write to it, since a checksum does not hold against someone who means harm.
    """

    def __init__(self, directory: Path | None, max_bytes: int = MAX_BYTES) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._held: int | None = None

    def get(self, key: str) -> bytes | None:
        """The payload, or None. An entry that is not what was put is removed."""
        if (folder := self._folder()) is None:
            return None
        path = folder / _name(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        payload = content[_CHECKSUM_BYTES:]
        if content[:_CHECKSUM_BYTES] == _checksum(key, payload):
            return payload
        with contextlib.suppress(OSError):
            path.unlink()
        return None

    def put(self, key: str, payload: bytes) -> None:
        """Keep the payload, if that can be done."""
        if len(payload) > MAX_ENTRY_BYTES:
            return
        with contextlib.suppress(OSError):
            if (folder := self._folder(make=True)) is not None:
                _write(folder, _name(key), _checksum(key, payload) + payload)
                self._bound(folder, _CHECKSUM_BYTES + len(payload))

    def _folder(self, make: bool = False) -> Path | None:
        """The folder, if it is there and is ours alone."""
        if self._directory is None:
            return None
        if make:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            status = self._directory.lstat()
        except OSError:
            return None
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
        return self._directory if ours else None

    def _bound(self, folder: Path, added: int) -> None:
        """Remove the oldest entries where there are too many. Looks at the folder only at first, then counts."""
        self._held = self._held + added if self._held is not None else sum(size for _, size, _ in _entries(folder))
        if self._held <= self._max_bytes:
            return
        entries = sorted(_entries(folder))
        self._held = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if self._held <= self._max_bytes * 3 // 4:
                break
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            self._held -= size


def _entries(folder: Path) -> list[tuple[int, int, Path]]:
    """Age (nanoseconds since the epoch), size in bytes, and path of every file in the folder."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime_ns, status.st_size, Path(entry.path)))
    return found


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _checksum(key: str, payload: bytes) -> bytes:
    """Over the key too, so that one entry in another's place is noticed."""
    return hashlib.sha256(b"%d:%b%b" % (len(key.encode()), key.encode(), payload)).digest()


def _write(folder: Path, name: str, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
        Path(temporary).replace(folder / name)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
