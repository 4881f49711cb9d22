"""A directory of its own for a program, holding the files it needs and no others, gone when it is done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlgitops.errors import ToolError


@contextmanager
def sandbox(files: Mapping[str, bytes]) -> Iterator[Path]:
    """A new temporary directory that only this user can enter, with ``files`` (relative paths) in it.

    Raises ``ToolError`` if it cannot be made or a file cannot be written, as on a full disk.
    """
    with temporary_directory() as root:
        for path, content in files.items():
            _write(root / path, content)
        yield root


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A new, empty one, gone when it is done. Raises ``ToolError`` if it cannot be made."""
    try:
        made = tempfile.TemporaryDirectory(prefix="mlgitops-")
    except OSError as error:
        raise ToolError(
            f"a temporary directory could not be made: {error.strerror}", help="See that the disk is not full."
        ) from error
    with made as name:
        yield Path(name).resolve()


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise ToolError(
            f"a temporary file for kustomize could not be written: {error.strerror}",
            help="see that the disk is not full",
        ) from error
