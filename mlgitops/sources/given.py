"""Files that a person names on the command line, from anywhere: read within bounds, never followed through links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import SourceError

MAX_GIVEN_BYTES = 16 * 2**20
"""The largest file that is read, in bytes: 16 MiB. The definitions of all of KServe have 5."""
MAX_GIVEN_FILES = 10_000
"""Files in the folders that are named."""

_ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Given:
    """A file: its name without the place on this machine, its content, and whether it was named itself."""

    name: str
    content: bytes
    named: bool


def read_given(paths: Sequence[Path]) -> Iterator[Given]:
    """The files, and the YAML and JSON files in folders and theirs, in order of their names.

    Raises ``SourceError`` for what cannot be read, is too large, or for too many files.
    """
    for path in paths:
        if path.is_dir():
            for file in _below(path):
                yield Given(file.relative_to(path).as_posix(), _content(file), named=False)
        else:
            yield Given(path.name, _content(path), named=True)


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = (Path(place, name) for name in names if name.endswith(_ENDINGS))
        found += sorted(file for file in files if not file.is_symlink())
        if len(found) > MAX_GIVEN_FILES:
            raise SourceError(f"{folder} has more than {MAX_GIVEN_FILES:,} files", help="name the folder that is meant")
    return found


def _content(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SourceError(f"{path} is not a file", help="name a file")
            content = file.read(MAX_GIVEN_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror}", help="name a file that is there and that you may read"
        ) from error
    if len(content) > MAX_GIVEN_BYTES:
        raise SourceError(f"{path} has more than {MAX_GIVEN_BYTES:,} bytes", help="split it, or name another file")
    return content
