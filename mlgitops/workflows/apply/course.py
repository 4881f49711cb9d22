"""What everything in one apply shares, from whichever thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mlgitops.plan.change import Plan
from mlgitops.plan.guards import Consent
from mlgitops.plan.outcome import ObjectOutcome
from mlgitops.workflows.wait import Clock, Patience

Progress = Callable[[ObjectOutcome], None]
_NAP = 0.5
"""The longest sleep, in seconds, within which an interrupt goes unnoticed."""


class Interruption:
    """Whether to stop. Every thread asks before it starts the next object."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self) -> None:
        """From now on nothing more is started."""
        self._stopped.set()

    def check(self) -> None:
        """Raises ``KeyboardInterrupt`` once everything is to stop."""
        if self._stopped.is_set():
            raise KeyboardInterrupt

    def noticed_by(self, clock: Clock) -> Clock:
        """The clock, whose sleep ends early with ``KeyboardInterrupt`` where everything is to stop."""

        def sleep(seconds: float) -> None:
            while seconds > 0:
                self.check()
                clock.sleep(min(seconds, _NAP))
                seconds -= _NAP
            self.check()

        return Clock(clock.now, sleep)


@dataclass(frozen=True)
class Course:
    """One apply under way.

    ``now`` gives the time as RFC 3339. ``progress`` is told of each object, never twice at the same time.
    ``patience`` is for what the next wave depends on; without it there is no waiting.
    """

    plan: Plan
    now: Callable[[], str]
    progress: Progress
    consent: Consent
    patience: Patience | None
    interruption: Interruption = field(default_factory=Interruption)

    @classmethod
    def of(
        cls, plan: Plan, now: Callable[[], str], progress: Progress, consent: Consent, patience: Patience | None
    ) -> Course:
        """The course of an apply, whose callbacks are called one at a time."""
        guard = threading.Lock()
        interruption = Interruption()
        return cls(plan, now, _alone(progress, guard), consent, _careful(patience, guard, interruption), interruption)


def _alone(call: Callable[..., None], guard: threading.Lock) -> Callable[..., None]:
    def alone(*arguments: object) -> None:
        with guard:
            call(*arguments)

    return alone


def _careful(patience: Patience | None, guard: threading.Lock, interruption: Interruption) -> Patience | None:
    if patience is None:
        return None
    return replace(patience, clock=interruption.noticed_by(patience.clock), progress=_alone(patience.progress, guard))
