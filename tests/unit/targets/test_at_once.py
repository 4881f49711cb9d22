from __future__ import annotations

import signal
import threading
import time

import pytest

from mlgitops.targets.at_once import at_once, pool

SECONDS = 20.0


def test_what_was_made_comes_in_the_order_of_the_items() -> None:
    first_may_end = threading.Event()

    def make(item: int) -> int:
        if item == 0:
            assert first_may_end.wait(SECONDS)
        if item == 3:
            first_may_end.set()
        return item * 10

    assert at_once(make, range(4), 4) == [0, 10, 20, 30]
    assert at_once(make, [], 4) == []


def test_no_more_than_the_width_are_under_way() -> None:
    guard, running, most = threading.Lock(), 0, 0

    def make(item: int) -> None:
        nonlocal running, most
        with guard:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with guard:
            running -= 1

    at_once(make, range(20), 3)
    assert most == 3


def test_one_item_or_a_width_of_one_needs_no_thread() -> None:
    here = threading.get_ident()
    assert at_once(lambda item: threading.get_ident(), [1], 8) == [here]
    assert at_once(lambda item: threading.get_ident(), [1, 2, 3], 1) == [here] * 3


def test_after_an_error_no_other_is_started() -> None:
    started: list[int] = []

    def make(item: int) -> None:
        started.append(item)
        if item == 0:
            raise ValueError("no")
        time.sleep(0.05)

    with pytest.raises(ValueError, match="no"):
        at_once(make, range(100), 2)
    assert len(started) < 100


@pytest.mark.parametrize("attempt", range(5))
def test_an_interrupt_is_noticed_while_others_work_whenever_it_comes(attempt: int) -> None:
    released = threading.Event()

    def make(item: int) -> bool:
        if item == 0:
            for _ in range(20 * attempt):  # the other threads keep the interpreter busy meanwhile
                time.sleep(0.001)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        for _ in range(20_000):
            pass
        return released.wait(SECONDS)

    def interrupted() -> None:
        with pool(8) as mapped:
            try:
                list(mapped(make, range(8)))
            finally:
                released.set()

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started < SECONDS / 2


def test_an_interrupted_block_waits_for_what_is_under_way_and_starts_no_more() -> None:
    begun, started, ended = threading.Event(), list[int](), list[int]()

    def make(item: int) -> int:
        started.append(item)
        begun.set()
        time.sleep(0.1)
        ended.append(item)
        return item

    def interrupted() -> None:
        with pool(2) as mapped:
            mapped(make, range(50))
            assert begun.wait(SECONDS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sorted(started) == sorted(ended)
    assert 1 <= len(ended) < 50
    time.sleep(0.3)
    assert len(started) == len(ended)
