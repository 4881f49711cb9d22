"""The audit log: lines of JSON, each with the digest of the line before, so that no line can be changed unnoticed.

The digest of the last line, the *head*, is also kept outside the log (in the inventory), so that lines cut off at the
end are noticed too. A line is known to be written only once its line end is; what a crash left without one is dropped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from mlgitops.targets import files

_STEP = 64 * 1024  # bytes read at once


def append(path: Path, entry: Mapping[str, Any]) -> None:
    """Adds one line durably, or leaves the log as it was. Raises ``TargetError``."""
    with files.wrapped("write", path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            end, last = _last_line(descriptor)
            line = orjson.dumps({"previous": _digest(last) if last else "", **entry}) + b"\n"
            file.truncate(end)
            try:
                _write_all(descriptor, line, end)
            except OSError:
                file.truncate(end)
                raise


def head(path: Path) -> str:
    """The digest of the last line; empty where there is none. Raises ``TargetError``."""
    with files.wrapped("read", path):
        if not path.exists():
            return ""
        with path.open("rb") as file:
            _, last = _last_line(file.fileno())
    return _digest(last) if last else ""


def problems(path: Path, expected_head: str) -> tuple[str, ...]:
    """What is wrong with the log, by line; empty where every line is as it was written.

    Lines after ``expected_head`` are fine: a crash comes between the log and the place where its head is kept.
    """
    lines = _lines(path)
    broken = list(_broken_links(lines))
    if expected_head and expected_head not in map(_digest, lines):
        broken.append(f"{path.name}: cut off or changed at its end; it has {len(lines)} lines")
    return tuple(broken)


def _broken_links(lines: list[bytes]) -> Iterator[str]:
    before = ""
    for number, line in enumerate(lines, start=1):
        if _previous(line) != before:
            yield f"line {number}: does not follow the line before it, which was changed, moved or removed"
        before = _digest(line)


def _previous(line: bytes) -> str | None:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return entry.get("previous") if isinstance(entry, dict) else None


def _lines(path: Path) -> list[bytes]:
    """Every whole line, without its end."""
    with files.wrapped("read", path):
        content = path.read_bytes() if path.exists() else b""
    return content.split(b"\n")[:-1]


def _last_line(descriptor: int) -> tuple[int, bytes]:
    """The offset at which whole lines end, and the last of them without its end; reads no more than it needs."""
    start = os.fstat(descriptor).st_size
    tail = b""
    while start and tail.count(b"\n") < 2:
        size = min(_STEP, start)
        start -= size
        tail = os.pread(descriptor, size, start) + tail
    whole = tail[: tail.rfind(b"\n") + 1]
    return start + len(whole), whole[:-1].rpartition(b"\n")[2]


def _write_all(descriptor: int, line: bytes, offset: int) -> None:
    while line:
        written = os.pwrite(descriptor, line, offset)
        line, offset = line[written:], offset + written
    os.fsync(descriptor)


def _digest(line: bytes) -> str:
    return "sha256:" + hashlib.sha256(line).hexdigest()
