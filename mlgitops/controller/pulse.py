"""Whether the controller's loop is alive, and whether it is ready: what probes ask. Threads may share it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pulse:
    """The loop's pulse. ``bound`` is how many seconds a cycle may take to be followed by the next one's beginning.

    ``clock`` gives seconds, of a clock that never goes back. The time before the first cycle counts from the making.
    """

    def __init__(self, bound: float, clock: Callable[[], float]) -> None:
        self._bound = bound
        self._clock = clock
        self._lock = threading.Lock()
        self._began = clock()
        self._has_followed = False
        self._is_ending = False

    def cycle_began(self) -> None:
        """The loop begins a cycle."""
        with self._lock:
            self._began = self._clock()

    def git_followed(self) -> None:
        """The branch was read, and a commit of it is in force."""
        with self._lock:
            self._has_followed = True

    def stands_by(self) -> None:
        """Another replica leads, and this one is ready to go on if that one ends."""
        with self._lock:
            self._has_followed = True

    def ending(self) -> None:
        """The controller was told to end: alive until it does, but not ready."""
        with self._lock:
            self._is_ending = True

    def not_alive(self) -> str:
        """Why the loop is taken for dead; empty while it is alive."""
        with self._lock:
            silent = self._clock() - self._began
        return f"no cycle began for {silent:.0f} s, of at most {self._bound:.0f} s" if silent > self._bound else ""

    def not_ready(self) -> str:
        """Why it is not ready; empty once it is."""
        with self._lock:
            if self._is_ending:
                return "the controller is ending"
            return "" if self._has_followed else "Git was not followed yet"
