"""Where the controller's state is kept between two runs, and where people leave requests for it.

    DIRECTORY/state.json           the state, written whole
    DIRECTORY/requests/*.json      what people asked for, each removed once it was done

What is lost or damaged is begun anew: inventories say what was applied, so that nothing of it is needed to be safe.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from mlgitops.controller import stored
from mlgitops.controller.requests import Request, request_from, request_text
from mlgitops.controller.state import State
from mlgitops.errors import MlgitopsError, TargetError
from mlgitops.targets import files

MOST_REQUESTS = 1000


class Store(Protocol):
    """Keeps the state. Whatever fails raises ``MlgitopsError``."""

    def read(self) -> State:
        """The state that was kept last; a new one where there is none."""

    def write(self, state: State) -> None:
        """Keeps the state, if it is worth it."""

    def requests(self) -> list[Request]:
        """What was asked for since the last time; each is given once."""

    def ask(self, request: Request) -> None:
        """Leaves a request."""


class DirectoryStore:
    """The state in a directory, which is made when it is written to."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._written = b""

    def read(self) -> State:
        """See ``Store.read``. Raises ``MlgitopsError`` for a file that is damaged."""
        content = files.read(self._directory / "state.json")
        if content is None:
            return State()
        try:
            return stored.loads(content)
        except ValueError as error:
            raise MlgitopsError(
                f"{self._directory / 'state.json'} cannot be used: {error}",
                help="Delete that file: the controller looks at everything anew then.",
            ) from error

    def write(self, state: State) -> None:
        """See ``Store.write``: whatever is new is written."""
        content = stored.dumps(state)
        if content != self._written:
            files.make_folder(self._directory)
            files.write_atomically(self._directory / "state.json", content, mode=0o600)
            self._written = content

    def requests(self) -> list[Request]:
        """See ``Store.requests``. What is no request is removed without a word."""
        return [request for path in self._left() if (request := _taken(path)) is not None]

    def ask(self, request: Request) -> None:
        """See ``Store.ask``."""
        folder = self._directory / "requests"
        files.make_folder(folder)
        path = folder / f"{secrets.token_hex(8)}.json"
        files.write_atomically(path, request_text(request), scratch=self._directory, mode=0o600)

    def _left(self) -> Iterator[Path]:
        with suppress(OSError):
            yield from sorted((self._directory / "requests").glob("*.json"))[:MOST_REQUESTS]


def _taken(path: Path) -> Request | None:
    try:
        content = files.read(path)
        path.unlink()
    except (TargetError, OSError):
        return None
    return request_from(content or b"")
