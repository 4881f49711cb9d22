"""Lets a request out only while the lock is held, whatever happened since it was asked for.

Between the look at the lock and the request a process can be stopped for any time, and requests are tried again. An
object that is made has no version that the API could refuse it by. So the lock is required anew before each try, and
looked at once more when the bytes are about to leave. What is on its way by then can no longer be held back.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from urllib3.exceptions import ProtocolError

_local = threading.local()


class Lock(Protocol):
    """What is held."""

    def require(self) -> None:
        """Renews it where that is due. Raises ``TargetError`` where it is not held any more."""

    def is_held(self) -> bool:
        """Whether it surely is, told at once."""


@contextmanager
def only_while(lock: Lock | None) -> Iterator[None]:
    """Whatever this thread sends within is sent only while the lock is held; without one, as it is."""
    before = getattr(_local, "lock", None)
    _local.lock = lock
    try:
        yield
    finally:
        _local.lock = before


def require() -> None:
    """To be called before each try. Raises ``TargetError`` where the lock was lost."""
    lock: Lock | None = getattr(_local, "lock", None)
    if lock is not None:
        with only_while(None):
            lock.require()


def check() -> None:
    """To be called when bytes are about to leave. Raises urllib3's ``ProtocolError``, which leads to another try."""
    lock: Lock | None = getattr(_local, "lock", None)
    if lock is not None and not lock.is_held():
        raise ProtocolError("the lock ran out before the request was sent")
