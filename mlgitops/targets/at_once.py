"""Works on several things at once, in a bounded number of threads. After an exception, nothing more is started."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Protocol, TypeVar

NOTICED = 0.2
"""Seconds within which an interrupt is noticed."""
_One = TypeVar("_One")
_Made = TypeVar("_Made")


class Mapped(Protocol):
    """``map`` over one iterable: what was made comes in the order of the items."""

    def __call__(self, make: Callable[[_One], _Made], items: Iterable[_One], /) -> Iterable[_Made]: ...


def at_once(make: Callable[[_One], _Made], items: Collection[_One], width: int) -> list[_Made]:
    """``make`` of each item, in order, ``width`` at once. Raises the first error, after which no other is started."""
    errors: list[Exception] = []

    def unless_failed(item: _One) -> _Made:
        if errors:
            raise errors[0]
        try:
            return make(item)
        except Exception as error:
            errors.append(error)
            raise

    with pool(min(width, len(items))) as mapped:
        return list(mapped(unless_failed, items))


@contextmanager
def pool(width: int) -> Iterator[Mapped]:
    """A ``map`` that works on ``width`` items at once; for one, in the thread that asks.

    Where the block ends with an exception, such as an interrupt, what is under way is waited for and no more started.
    """
    if width < 2:
        yield map
        return
    threads = ThreadPoolExecutor(width)

    def mapped(make: Callable[[_One], _Made], items: Iterable[_One]) -> Iterator[_Made]:
        return _in_order([threads.submit(make, item) for item in items])

    try:
        yield mapped
    finally:
        threads.shutdown(cancel_futures=True)


def _in_order(futures: Sequence[Future[_Made]]) -> Iterator[_Made]:
    for future in futures:
        # A signal that comes just before Python waits for a lock is noticed only once it no longer waits.
        while not wait([future], NOTICED).done:
            pass
        yield future.result()
