from __future__ import annotations

import threading
import time
from collections import Counter

import pytest

from mlgitops.inference.load import repeat


def test_each_item_has_its_turn_until_the_count_is_reached() -> None:
    results, seconds = repeat(lambda index: index, 3, 10, 4, 60)
    assert Counter(results) == {0: 4, 1: 3, 2: 3}
    assert seconds > 0


def test_no_more_than_so_many_are_under_way_at_a_time() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def ask(_: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1

    repeat(ask, 5, 30, 3, 60)
    assert 1 < most[0] <= 3


def test_once_the_time_is_up_each_item_is_still_asked_once() -> None:
    results, _ = repeat(lambda index: index, 5, 1000, 2, 0)
    assert sorted(results) == [0, 1, 2, 3, 4]


def test_what_goes_wrong_in_asking_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        repeat(lambda index: 1 // index, 1, 1, 1, 60)
