"""Applies a plan to all of its targets: locks and checks them all, then writes, many targets at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from mlgitops.plan.change import Plan
from mlgitops.plan.guards import NO_CONSENT, Consent, check_plan
from mlgitops.plan.outcome import Outcome, TargetOutcome
from mlgitops.targets import Connection
from mlgitops.targets.at_once import at_once, pool
from mlgitops.workflows.apply.course import Course, Progress
from mlgitops.workflows.apply.preparation import Prepared, Unreachable, check, prepare
from mlgitops.workflows.apply.target import apply_to
from mlgitops.workflows.sites import WIDTH
from mlgitops.workflows.wait import Patience


def apply(
    plan: Plan,
    connections: Mapping[str, Connection],
    now: Callable[[], str],
    progress: Progress,
    consent: Consent = NO_CONSENT,
    patience: Patience | None = None,
) -> Outcome:
    """Does what the plan says and nothing else.

    ``connections`` has one for each target of the plan that could be read; ``now`` gives the time as RFC 3339;
    ``progress`` is called after each object, never twice at the same time. With ``patience``, what others depend on is
    waited for before these are written. Raises ``StalePlanError`` and ``GuardError`` before anything is written
    anywhere. A target that cannot be locked or read fails alone.
    """
    check_plan(plan, consent)
    with ExitStack() as locks:
        ready = at_once(partial(prepare, connections, locks), plan.targets, WIDTH)
        for target in ready:
            check(plan, target, consent)
        done = _applied(Course.of(plan, now, progress, consent, patience), ready)
    return Outcome(plan.environment, plan.commit, done)


def _applied(course: Course, ready: Sequence[Prepared | Unreachable]) -> tuple[TargetOutcome, ...]:
    """Applies to every target. An interrupt comes to this thread alone, so that the others are told from here."""
    with pool(min(WIDTH, len(ready))) as mapped:
        try:
            return tuple(mapped(partial(apply_to, course), ready))
        except BaseException:
            course.interruption.stop()
            raise
