"""The state in a ConfigMap beside the leader's Lease, where the next leader, and whoever asks, finds it.

It is written by the leader alone, and only when something is new: looking once more at a target that is as it was is
not. Requests are keys of their own, which people add and the leader takes away.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from mlgitops.controller import stored
from mlgitops.controller.requests import Request, request_from, request_text
from mlgitops.controller.state import State
from mlgitops.errors import MlgitopsError
from mlgitops.targets.kubernetes.notes import Notes, Texts

ASKED_SECONDS = 5.0
"""How often it is looked whether anybody asked for something."""
STATE = "state"
_REQUEST = "request-"


class MapStore:
    """A ``Store``. ``only_while`` gives a context in which nothing is sent unless this process leads."""

    def __init__(self, notes: Notes, only_while: Callable[[], AbstractContextManager[None]]) -> None:
        self._notes = notes
        self._only_while = only_while
        self._written = b""
        self._looked: float | None = None

    def read(self) -> State:
        """See ``Store.read``."""
        text = self._notes.read().get(STATE)
        if not text:
            return State()
        try:
            state = stored.loads(text.encode())
        except ValueError as error:
            raise MlgitopsError(f"what the last leader remembered cannot be used: {error}") from error
        self._written = stored.lasting(state)
        return state

    def write(self, state: State) -> None:
        """See ``Store.write``."""
        lasting = stored.lasting(state)
        if lasting == self._written:
            return
        text = stored.dumps(state).decode()
        with self._only_while():
            self._notes.change(lambda texts: {**texts, STATE: text})
        self._written = lasting

    def requests(self) -> list[Request]:
        """See ``Store.requests``. What is no request is taken away without a word."""
        if self._looked is not None and time.monotonic() < self._looked + ASKED_SECONDS:
            return []
        self._looked = time.monotonic()
        asked = {name: text for name, text in self._notes.read().items() if name.startswith(_REQUEST)}
        if not asked:
            return []
        with self._only_while():
            self._notes.change(lambda texts: {name: text for name, text in texts.items() if name not in asked})
        return [request for text in asked.values() if (request := request_from(text.encode())) is not None]

    def ask(self, request: Request) -> None:
        """See ``Store.ask``."""
        name = f"{_REQUEST}{secrets.token_hex(8)}"

        def added(texts: Texts) -> Texts:
            return {**texts, name: request_text(request).decode()}

        self._notes.change(added)
