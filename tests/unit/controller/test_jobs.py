from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from mlgitops.controller.jobs import Ended, Job, Jobs

SECONDS = 20.0


class Bench:
    """Jobs on a clock that a test moves, and doors that keep jobs inside until they are opened."""

    def __init__(self) -> None:
        self.now = 0.0
        self.woken = threading.Event()
        self.jobs = Jobs(self.woken.set, lambda: self.now)
        self.doors: list[threading.Event] = []

    def door(self) -> threading.Event:
        self.doors.append(threading.Event())
        return self.doors[-1]

    def hang(self, name: str, seconds: float = 10.0) -> threading.Event:
        """A job that does not end before its door is opened."""
        door, inside = self.door(), threading.Event()

        def work(job: Job) -> str:
            inside.set()
            assert door.wait(SECONDS)
            return name

        self.jobs.start(name, seconds, work)
        assert inside.wait(SECONDS)
        return door

    def ended(self) -> Ended:
        """What the one job came to."""
        found: list[Ended] = []

        def is_over() -> bool:
            found.extend(self.jobs.ended())
            return bool(found)

        self.until(is_over)
        (one,) = found
        return one

    def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(1000):
            if condition():
                return
            self.woken.wait(0.02)
            self.woken.clear()
        raise AssertionError("it did not come to pass")


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for door in made.doors:
        door.set()


def test_a_job_gives_what_it_made(bench: Bench) -> None:
    bench.jobs.start("one", 10, lambda job: "made")
    ended = bench.ended()
    assert (ended.name, ended.value, ended.error, ended.is_late) == ("one", "made", None, False)
    assert (bench.jobs.awaited, bench.jobs.ended()) == (0, [])


def test_a_job_is_busy_until_it_is_known_what_it_came_to(bench: Bench) -> None:
    bench.jobs.start("one", 10, lambda job: "made")
    bench.until(lambda: bench.jobs.working == 0)
    assert (bench.jobs.is_busy("one"), bench.jobs.awaited) == (True, 1)
    bench.jobs.ended()
    assert not bench.jobs.is_busy("one")


def test_an_error_is_what_the_job_came_to(bench: Bench) -> None:
    def fail(job: Job) -> None:
        raise ValueError("no")

    bench.jobs.start("one", 10, fail)
    assert isinstance(bench.ended().error, ValueError)


def test_a_job_past_its_deadline_is_left_behind_and_stays_busy_until_it_ends(bench: Bench) -> None:
    door = bench.hang("slow")
    bench.now = 9
    assert (bench.jobs.overdue(), bench.jobs.working, bench.jobs.next_deadline()) == ([], 1, 10)
    bench.now = 10
    (late,) = bench.jobs.overdue()
    assert (late.name, late.value, late.is_late) == ("slow", None, True)
    assert (bench.jobs.overdue(), bench.jobs.working, bench.jobs.awaited) == ([], 0, 0)
    assert bench.jobs.next_deadline() is None
    assert bench.jobs.is_busy("slow")
    door.set()
    ended = bench.ended()
    assert (ended.value, ended.is_late) == ("slow", True)


def test_a_job_past_its_deadline_is_told_to_stop(bench: Bench) -> None:
    stopped, door = threading.Event(), bench.door()

    def work(job: Job) -> None:
        door.wait(SECONDS)
        try:
            job.interruption.check()
        except KeyboardInterrupt:
            stopped.set()
            raise

    bench.jobs.start("one", 10, work)
    bench.now = 11
    bench.jobs.overdue()
    door.set()
    assert stopped.wait(SECONDS)


def test_a_job_that_waits_for_something_else_is_not_at_work(bench: Bench) -> None:
    door = bench.door()

    def work(job: Job) -> None:
        job.waits()
        door.wait(SECONDS)

    bench.jobs.start("one", 10, work)
    bench.until(lambda: bench.jobs.working == 0)
    assert (bench.jobs.is_busy("one"), bench.jobs.awaited) == (True, 1)


def test_only_a_job_that_waits_for_something_else_can_be_spared_it(bench: Bench) -> None:
    begun, door = threading.Event(), bench.door()

    def work(job: Job) -> str:
        begun.set()
        assert door.wait(SECONDS)
        job.interruption.check()
        job.waits()
        while True:
            job.interruption.check()

    bench.jobs.start("one", 10, work)
    assert begun.wait(SECONDS)
    bench.jobs.end_wait("one")
    door.set()
    bench.until(lambda: bench.jobs.working == 0)
    assert bench.jobs.is_busy("one")
    bench.jobs.end_wait("one")
    bench.until(lambda: not bench.jobs.is_waiting("one"))
    bench.jobs.end_wait("one")
    assert isinstance(bench.ended().error, InterruptedError)


def test_stopping_waits_for_those_that_end_and_says_whether_all_did(bench: Bench) -> None:
    door = bench.hang("one")
    assert not bench.jobs.stop(0)
    door.set()
    assert bench.jobs.stop(SECONDS)
