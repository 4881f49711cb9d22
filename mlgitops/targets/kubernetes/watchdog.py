"""Ends what takes too long: one thread looks after all that is pending, for as long as anything is.

A timer for each request would be a thread for each, which costs more than the rest of a short request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

LOOK = 0.1
"""Seconds between two looks; nothing is ended later than that."""
_IDLE = 5.0


class Watchdog:
    """Calls an ``end`` once its deadline has passed; safe to use from several threads."""

    def __init__(self) -> None:
        self._pending: dict[int, tuple[float, Callable[[], None]]] = {}
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float, end: Callable[[], None]) -> Iterator[None]:
        """Calls ``end`` from another thread where the block still runs at ``deadline``, in ``time.monotonic``'s terms.

        It may be called just after the block has ended, too, but not after this has returned. It has to return at once;
        what it raises is nobody's concern, since whoever waits has an error of their own.
        """
        key = self._add(deadline, end)
        try:
            yield
        finally:
            with self._guard:
                self._pending.pop(key, None)

    def _add(self, deadline: float, end: Callable[[], None]) -> int:
        with self._guard:
            key = id(end)
            self._pending[key] = (deadline, end)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
                self._thread.start()
            return key

    def _look(self) -> None:
        """Looks after what is pending, and ends itself once there was nothing for a while."""
        last = time.monotonic()
        while True:
            time.sleep(LOOK)
            now = time.monotonic()
            with self._guard:
                last = now if self._pending else last
                if now - last > _IDLE:
                    self._thread = None
                    return
                for key in [key for key, (deadline, _) in self._pending.items() if deadline <= now]:
                    with suppress(Exception):  # else nothing would be ended any more
                        self._pending.pop(key)[1]()
