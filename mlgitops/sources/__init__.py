"""Where a project's files come from: the work tree or a commit's blobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

MAX_FILE_BYTES = 2**20
"""The largest file that is read, in bytes: 1 MiB."""

PROJECT_FILE = "mlgitops.yaml"
FOLDERS = ("targets", "models", "environments", "steps")
"""Where a project's files are, beside the project file itself. Nothing else is read."""


class Source(Protocol):
    """The files of a project at one state.

    ``commit`` is the full id of the commit the files belong to, empty where there is none. ``dirty`` says that files
    differ from that commit's.
    """

    @property
    def commit(self) -> str: ...

    @property
    def dirty(self) -> bool: ...

    def files(self) -> Mapping[str, bytes]:
        """Content by path relative to the project's root, with forward slashes, in order; read when asked for.

        Raises ``FindingsError`` with a finding for each file that must not be read, and ``SourceError`` where a file
        cannot be read.
        """
        ...
