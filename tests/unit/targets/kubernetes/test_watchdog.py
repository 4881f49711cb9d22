from __future__ import annotations

import threading
import time

import pytest

from mlgitops.targets.kubernetes import watchdog as module
from mlgitops.targets.kubernetes.watchdog import Watchdog

WAIT = 10.0
"""Seconds that a slow machine is given."""


@pytest.fixture
def watchdog() -> Watchdog:
    return Watchdog()


def test_what_takes_too_long_is_ended_while_it_still_runs(watchdog: Watchdog) -> None:
    ended = threading.Event()
    with watchdog.until(time.monotonic() + 0.05, ended.set):
        assert ended.wait(WAIT)


def test_what_is_done_in_time_is_left_alone(watchdog: Watchdog) -> None:
    early, late = threading.Event(), threading.Event()
    now = time.monotonic()
    with watchdog.until(now + 0.4, early.set):
        pass
    with watchdog.until(now + 0.5, late.set):
        assert late.wait(WAIT)
    assert not early.is_set()


def test_each_of_several_is_ended_at_its_own_time(watchdog: Watchdog) -> None:
    first, second, never = threading.Event(), threading.Event(), threading.Event()
    now = time.monotonic()
    with (
        watchdog.until(now + 1000, never.set),
        watchdog.until(now + 0.3, second.set),
        watchdog.until(now + 0.05, first.set),
    ):
        assert first.wait(WAIT)
        assert second.wait(WAIT)
        assert not never.is_set()


def test_it_ends_when_it_is_idle_and_starts_again(watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE", 0.0)
    with watchdog.until(time.monotonic() + 1000, lambda: None):
        thread = watchdog._thread
    assert thread is not None
    thread.join(WAIT)
    assert not thread.is_alive()
    ended = threading.Event()
    with watchdog.until(time.monotonic(), ended.set):
        assert ended.wait(WAIT)


def test_an_end_that_fails_leaves_the_others_watched(watchdog: Watchdog) -> None:
    tried, ended = threading.Event(), threading.Event()

    def fails() -> None:
        tried.set()
        raise TypeError("no such end")

    with watchdog.until(time.monotonic(), fails):
        assert tried.wait(WAIT)
    with watchdog.until(time.monotonic(), ended.set):
        assert ended.wait(WAIT)
