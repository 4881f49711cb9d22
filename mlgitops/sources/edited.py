"""A project with some files changed that nobody has written yet: what a pull request would make of it."""

from __future__ import annotations

from collections.abc import Mapping

from mlgitops.sources import Source


class Edited:
    """The files of ``base`` with ``changes`` over them, None where a file is taken away: a ``Source``."""

    dirty = False

    def __init__(self, base: Source, changes: Mapping[str, bytes | None]) -> None:
        self.commit = base.commit
        merged = {**base.files(), **changes}
        self._files = {path: merged[path] for path in sorted(merged) if merged[path] is not None}

    def files(self) -> Mapping[str, bytes]:
        """See ``Source.files``."""
        return self._files  # type: ignore[return-value]
