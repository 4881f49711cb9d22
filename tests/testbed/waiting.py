"""Waiting for what happens elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.testbed.errors import TestbedError

LONGEST_PAUSE_SECONDS = 0.5


def wait_until(condition: Callable[[], bool], what: str, seconds: float) -> None:
    """Asks again and again, less often the longer it takes.

    Raises:
        TestbedError: it has not come true within that many seconds.
    """
    deadline = time.monotonic() + seconds
    pause = 0.01
    while not condition():
        if time.monotonic() > deadline:
            raise TestbedError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
