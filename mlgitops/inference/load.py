"""Does the same thing again and again, some at a time, within a count and a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

MOST_CONCURRENT = 64
MOST_REQUESTS = 1_000_000

Result = TypeVar("Result")


def repeat(
    ask: Callable[[int], Result], items: int, requests: int, concurrency: int, seconds: float
) -> tuple[list[Result], float]:
    """Calls ``ask`` with 0, 1, … ``items`` - 1, 0, … until ``requests`` calls, and how many seconds that took.

    At most ``concurrency`` at a time. None is begun after ``seconds``, but each item is asked once in any case. Bounds
    are ``MOST_REQUESTS`` and ``MOST_CONCURRENT``. What ``ask`` raises is raised.
    """
    requests, concurrency = min(requests, MOST_REQUESTS), min(concurrency, MOST_CONCURRENT, requests)
    numbers, lock, results = count(), threading.Lock(), list[Result]()
    start = time.perf_counter()

    def work() -> None:
        while True:
            with lock:
                number = next(numbers)
            late = time.perf_counter() - start > seconds
            if number >= requests or (late and number >= items):
                return
            result = ask(number % items)
            with lock:
                results.append(result)

    with ThreadPoolExecutor(concurrency, thread_name_prefix="ask") as pool:
        for done in [pool.submit(work) for _ in range(concurrency)]:
            done.result()
    return results, time.perf_counter() - start
