"""The snapshot that a server shows: made anew once it is too old, by one thread, while others get the last one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mlgitops.page.model import Snapshot, Subject
from mlgitops.workflows.page import Find, Past, detailed, finder, snapshot
from mlgitops.workflows.project import Opened


@dataclass
class _Held:
    opened: Opened
    snapshot: Snapshot
    past: Past
    made_at: float
    find: Find | None
    details: dict[str, Subject] = field(default_factory=dict)


class Live:
    """How the project stands now, at most ``seconds`` old when nobody waits for a newer one.

    ``open_project`` opens it anew each time, ``now`` tells the time (RFC 3339), ``environment`` has the forge's token.
    """

    def __init__(
        self, open_project: Callable[[], Opened], now: Callable[[], str], revision: str, seconds: float,
        environment: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._open, self._now, self._revision, self._seconds = open_project, now, revision, seconds
        self._environment = environment
        self._making = threading.Lock()
        self._detailing = threading.Lock()
        self._held: _Held | None = None

    def snapshot(self) -> Snapshot:
        """The snapshot. Raises ``MlgitopsError`` where none can be made; what was there before is not shown then."""
        return self._current().snapshot

    def subject(self, path: str) -> tuple[Snapshot, Subject] | None:
        """A model or pipeline by the path of its page, with its details; None where there is none."""
        held = self._current()
        known = next((one for one in held.snapshot.subjects if one.path == path), None)
        if known is None:
            return None
        with self._detailing:
            if path not in held.details:
                held.details[path] = detailed(held.opened, held.snapshot, known, held.past, held.find)
        return held.snapshot, held.details[path]

    def expire(self) -> None:
        """The next who asks gets a new snapshot."""
        self._held = None

    def _current(self) -> _Held:
        held = self._held
        if held is not None and time.monotonic() - held.made_at <= self._seconds:
            return held
        if not self._making.acquire(blocking=held is None):
            assert held is not None
            return held
        try:
            fresh = self._held
            if fresh is None or fresh is held:
                fresh = self._held = self._made()
            return fresh
        finally:
            self._making.release()

    def _made(self) -> _Held:
        opened = self._open()
        found, past = snapshot(opened, self._revision, self._now())
        return _Held(opened, found, past, time.monotonic(), finder(opened, self._environment))
