"""Work in threads, of which one that hangs holds no other: past its deadline it is told to stop, and left behind.

What is left behind still counts as busy until it ends, so that nothing is started twice. Threads end with the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from mlgitops.workflows.apply.course import Interruption


@dataclass(frozen=True)
class Ended:
    """A job that ended: what it gave, or the error, and how many seconds it took.

    ``is_late`` says that it is, or was, left behind.
    """

    name: Any
    value: Any
    error: Exception | None
    seconds: float
    is_late: bool = False


@dataclass(eq=False)
class Job:
    """One job. ``interruption`` tells it to stop; it says itself when it ``waits``, and costs hardly anything."""

    name: Hashable
    started: float
    deadline: float
    woken: Callable[[], None]
    interruption: Interruption = field(default_factory=Interruption)
    is_waiting: bool = False
    is_left: bool = False

    def waits(self) -> None:
        """From now on it only waits for something else."""
        self.is_waiting = True
        self.woken()


class Jobs:
    """The jobs of one controller. All but the jobs themselves is called from one thread.

    ``woken`` is called whenever there is something new, and ``clock`` gives seconds that only ever grow.
    """

    def __init__(self, woken: Callable[[], None], clock: Callable[[], float]) -> None:
        self._woken = woken
        self._clock = clock
        self._guard = threading.Lock()
        self._running: dict[Hashable, Job] = {}
        self._threads: dict[Hashable, threading.Thread] = {}
        self._ended: list[Ended] = []

    def start(self, name: Hashable, seconds: float, work: Callable[[Job], Any]) -> None:
        """Starts a job that may take so long. There must be none of that name."""
        now = self._clock()
        job = Job(name, now, now + seconds, self._woken)
        thread = threading.Thread(target=self._run, args=(job, work), name=f"job {name}", daemon=True)
        with self._guard:
            assert name not in self._running
            self._running[name], self._threads[name] = job, thread
        thread.start()

    def is_busy(self, name: Hashable) -> bool:
        """Whether a job of that name has not ended yet, left behind or not, or nobody asked yet what it came to."""
        with self._guard:
            return name in self._running or any(one.name == name for one in self._ended)

    def is_waiting(self, name: Hashable) -> bool:
        """Whether a job of that name only waits for something else by now."""
        with self._guard:
            return name in self._running and self._running[name].is_waiting

    @property
    def working(self) -> int:
        """How many jobs do something, rather than wait or hang."""
        with self._guard:
            return sum(not (job.is_waiting or job.is_left) for job in self._running.values())

    @property
    def awaited(self) -> int:
        """How many jobs are still to end, or did so since the last time that it was asked which."""
        with self._guard:
            return sum(not job.is_left for job in self._running.values()) + len(self._ended)

    def ended(self) -> list[Ended]:
        """The jobs that ended since the last time, those that were left behind before included."""
        with self._guard:
            ended, self._ended = self._ended, []
        return ended

    def overdue(self) -> list[Ended]:
        """Leaves behind what is past its deadline. The value of each is None."""
        now = self._clock()
        with self._guard:
            late = [job for job in self._running.values() if now >= job.deadline and not job.is_left]
            for job in late:
                job.is_left = True
        for job in late:
            job.interruption.stop()
        return [Ended(job.name, None, None, now - job.started, is_late=True) for job in late]

    def next_deadline(self) -> float | None:
        """When the next job is overdue, by the clock; None where none will be."""
        with self._guard:
            return min((job.deadline for job in self._running.values() if not job.is_left), default=None)

    def end_wait(self, name: Hashable) -> None:
        """Tells the job of that name to stop, if there is one and it only waits."""
        with self._guard:
            job = self._running.get(name)
        if job is not None and job.is_waiting:
            job.interruption.stop()

    def stop(self, seconds: float) -> bool:
        """Tells all jobs to stop, and waits for so long until they do. Whether they did."""
        with self._guard:
            jobs, threads = list(self._running.values()), list(self._threads.values())
        for job in jobs:
            job.interruption.stop()
        deadline = self._clock() + seconds
        for thread in threads:
            thread.join(max(0.0, deadline - self._clock()))
        return not any(thread.is_alive() for thread in threads)

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        value, failed = None, None
        try:
            value = work(job)
        except Exception as error:
            failed = error
        except KeyboardInterrupt as interrupt:
            failed = InterruptedError("it was stopped")
            failed.__cause__ = interrupt
        with self._guard:
            del self._running[job.name], self._threads[job.name]
            self._ended.append(Ended(job.name, value, failed, self._clock() - job.started, job.is_left))
        self._woken()
