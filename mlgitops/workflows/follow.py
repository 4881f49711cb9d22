"""Follows a run until it is over: looks at it again and again, and tells what changed. Reads only.

Time comes in as two functions, so that nothing here waits in a test.
"""

from __future__ import annotations

from collections.abc import Callable

from mlgitops.errors import MlgitopsError, NoAnswerError, TargetError
from mlgitops.plan.run import RunState, StepState, changes, state_of
from mlgitops.workflows.run import Run
from mlgitops.workflows.wait import Clock

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two looks: few after something changed, then more and more."""
MOST_SILENCES = 5
"""How often in a row the cluster may give no answer, each of which takes about a minute by itself."""


class OutOfTimeError(MlgitopsError):
    """A run was not over in time; it goes on."""


def follow(run: Run, clock: Clock, timeout: float, tell: Callable[[StepState], None]) -> RunState:
    """How the run ended. ``tell`` gets each step whose phase or message is new.

    Raises ``OutOfTimeError`` after ``timeout`` seconds, ``MlgitopsError`` where the run is gone, and ``TargetError``
    where the cluster cannot be read any more.
    """
    state, pause, until = run.unseen, FIRST_PAUSE, clock.now() + timeout
    while True:
        found = _look(run, clock)
        news = list(changes(state, found))
        for step in news:
            tell(step)
        if found.is_over:
            return found
        if clock.now() >= until:
            raise OutOfTimeError(f"{found.name} is not over yet: {found.phase or 'Argo has not taken it up'}",
                                 help=f"It goes on. Follow it with: {run.again}")  # fmt: skip
        pause = FIRST_PAUSE if news or found.phase != state.phase else min(pause * 1.5, LONGEST_PAUSE)
        state = found
        clock.sleep(max(0.0, min(pause, until - clock.now())))


def _look(run: Run, clock: Clock) -> RunState:
    for silences in range(1, MOST_SILENCES + 1):
        try:
            live = run.connection.live([run.identity], exact=True)
        except NoAnswerError:
            if silences == MOST_SILENCES:
                raise
            clock.sleep(LONGEST_PAUSE)
            continue
        if run.identity not in live:
            raise TargetError(f"the run {run.identity.name} is gone", help="Somebody removed it, or its pipeline.")
        return state_of(live[run.identity].manifest)
    raise AssertionError("the last look neither returned nor raised")
