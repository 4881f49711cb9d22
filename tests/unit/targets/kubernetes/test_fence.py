from __future__ import annotations

import threading

import pytest
from urllib3.exceptions import ProtocolError

from mlgitops.errors import TargetError
from mlgitops.targets.kubernetes import fence


class Lock:
    """Held or not, as a test says; counts how often it is required."""

    def __init__(self, *, held: bool = True) -> None:
        self.held = held
        self.required = 0

    def require(self) -> None:
        self.required += 1
        fence.require()  # as the renewal of a lock does, which is a request too
        if not self.held:
            raise TargetError("lost")

    def is_held(self) -> bool:
        return self.held


def test_without_a_lock_everything_leaves() -> None:
    fence.require()
    fence.check()


def test_within_it_only_what_the_lock_covers_leaves() -> None:
    lock = Lock()
    with fence.only_while(lock):
        fence.require()
        fence.check()
        lock.held = False
        with pytest.raises(TargetError, match="lost"):
            fence.require()
        with pytest.raises(ProtocolError, match="ran out"):
            fence.check()
    fence.check()
    assert lock.required == 2


def test_an_exception_ends_it_too() -> None:
    with pytest.raises(KeyError), fence.only_while(Lock(held=False)):
        raise KeyError
    fence.check()


def test_another_thread_is_not_held_back() -> None:
    passed: list[bool] = []

    def other() -> None:
        fence.check()
        passed.append(True)

    with fence.only_while(Lock(held=False)):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert passed == [True]
