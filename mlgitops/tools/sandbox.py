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

    Raises ``ToolError`` if a file cannot be written, as on a full disk.
    """
    with tempfile.TemporaryDirectory(prefix="mlgitops-") as name:
        root = Path(name).resolve()
        for path, content in files.items():
            _write(root / path, content)
        yield root


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise ToolError(f"a temporary file for kustomize could not be written: {error.strerror}") from error
