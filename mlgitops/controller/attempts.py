"""The attempts under way, each in a thread of its own, and what became of those that ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from mlgitops.controller import schedule, words
from mlgitops.controller.goals import Goals
from mlgitops.controller.jobs import Ended, Job, Jobs
from mlgitops.controller.outside import Outside
from mlgitops.controller.reconcile import Attempt, reconcile
from mlgitops.controller.rollouts import Started
from mlgitops.controller.schedule import Withheld
from mlgitops.controller.state import Key, Result, TargetState, Word


class Attempts:
    """Is used by one thread."""

    def __init__(self, jobs: Jobs, outside: Outside) -> None:
        self._jobs = jobs
        self._outside = outside
        self._started: dict[Key, Started] = {}

    @property
    def busy(self) -> Collection[Key]:
        """The targets that are worked on, those that were left behind included."""
        return self._started.keys()

    @property
    def writing(self) -> Collection[Key]:
        """Those of them that may be written to."""
        return [key for key, started in self._started.items() if started.writes]

    @property
    def waiting(self) -> Mapping[Key, str]:
        """Those that have written all, and only wait until it is ready: the digest of the goal of each."""
        return {key: one.goal.digest for key, one in self._started.items() if self._jobs.is_waiting(key)}

    def start(self, started: Started, withheld: Withheld | None, known: TargetState) -> None:
        """Starts an attempt; ``known`` is what is known of its target."""
        key, policy = started.goal.key, started.goal.policy.reconcile
        self._started[key] = started
        self._outside.reporter.began(started.goal)
        whole = schedule.is_whole(known, self._outside.surroundings.now())
        attempt = partial(self._attempt, started, withheld, known, whole)
        self._jobs.start(key, schedule.seconds(policy.deadline), attempt)

    def overtake(self, goals: Goals) -> None:
        """Ends the waits for what Git says otherwise by now, so that those targets are free. What writes goes on."""
        for key, started in self._started.items():
            goal = goals.targets.get(key)
            if goal is not None and goal.digest != started.goal.digest:
                self._jobs.end_wait(key)

    def over(self, ended: Ended) -> tuple[Started, Result] | None:
        """What an attempt came to that ended; None where it had been left behind, and only its target is free now."""
        started = self._started.pop(ended.name)
        if ended.is_late:
            return None
        if ended.error is not None:
            return started, words.internal(ended.error, started.goal.rendering.commit)
        return started, ended.value

    def late(self, ended: Ended) -> tuple[Started, Result]:
        """What an attempt came to that is past its deadline and left behind."""
        started = self._started[ended.name]
        told = f"it took longer than {started.goal.policy.reconcile.deadline}, and is left behind"
        return started, Result(Word.FAILED, told, commit=started.goal.rendering.commit, touched=started.writes)

    def _attempt(
        self, started: Started, withheld: Withheld | None, known: TargetState, whole: bool, job: Job
    ) -> Result:
        step = partial(self._outside.reporter.step, started.goal)

        def waits(objects: int) -> None:
            job.waits()
            if objects:
                self._outside.reporter.waits(started.goal, objects)

        attempt = Attempt(
            started.goal, withheld, known.evidence, known.disputed, job.interruption, waits, step, whole, started.freed
        )  # fmt: skip
        return reconcile(attempt, self._outside.surroundings)
