"""How far the rollout of a model's new release is, and how that goes on. Pure: the time is passed in.

It waits until both releases are there, then takes step after step. A step lasts until its measures have held for as
long as it says: time in which nobody could tell does not count. A time is in seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from mlgitops.progressive.analysis import Judgement, Reading, Verdict
from mlgitops.progressive.terms import Step, Terms


class Phase(StrEnum):
    """``waiting``: the new release is brought out, and answers nothing yet. ``stepping``: a step lasts. ``completed``:
    it answers all requests. ``aborted``: it answers none, and stays so until Git has another release."""

    WAITING = "waiting"
    STEPPING = "stepping"
    COMPLETED = "completed"
    ABORTED = "aborted"


OVER = frozenset({Phase.COMPLETED, Phase.ABORTED})
"""Nothing more is measured."""
NOTHING = Step(0, 0, 0.0)
EVERYTHING = Step(100, 0, 0.0)
LONGEST_GAP = 3.0
"""Of how many intervals the time between two measurements may count: nobody knows what was before."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is. ``new`` and ``stable`` are the versions, ``step`` counts from 0.

    ``since`` is when the phase or step began, ``held`` for how many seconds the measures have held at this step,
    ``measured`` when that was looked at last (0: not at this step), and ``failures`` how many measurements in a row
    were outside a bound. ``verdict``, ``reason`` and ``readings`` are of the last one.
    """

    identity: str
    new: str
    stable: str
    phase: Phase = Phase.WAITING
    step: int = 0
    since: float = 0.0
    held: float = 0.0
    measured: float = 0.0
    failures: int = 0
    verdict: str = ""
    reason: str = ""
    readings: tuple[Reading, ...] = ()


def begun(terms: Terms, now: float) -> Progress:
    """A rollout that begins."""
    return Progress(terms.identity, terms.new, terms.stable, since=now)


def exposure(progress: Progress | None, terms: Terms) -> Step:
    """What the new release gets by now; nothing where nothing is known of the rollout."""
    if progress is None or progress.identity != terms.identity:
        return NOTHING
    if progress.phase is Phase.COMPLETED:
        return EVERYTHING
    return terms.steps[progress.step] if progress.phase is Phase.STEPPING else NOTHING


def due_at(progress: Progress, terms: Terms, now: float) -> float | None:
    """When it is to be looked at again; None where it is over. At once where the clock went back since then."""
    if progress.phase in OVER:
        return None
    if not progress.measured or progress.measured > now:
        return min(progress.since, now)
    if terms.analysis is None:
        return min(progress.measured + terms.interval, progress.measured + _left(progress, terms))
    return progress.measured + terms.interval


def measured(progress: Progress, terms: Terms, judgement: Judgement, now: float) -> Progress:
    """The progress once both releases were looked at, as they are with the present exposure."""
    if progress.phase in OVER or progress.identity != terms.identity:
        return progress
    told = replace(
        progress, verdict=judgement.verdict, reason=judgement.reason, readings=judgement.readings, measured=now
    )
    if judgement.verdict is Verdict.UNKNOWN:
        return told
    if judgement.verdict is Verdict.FAIL:
        return _failed(told, terms, now)
    held = progress.held + _counts(progress, terms, now)
    told = replace(told, failures=0, held=held)
    if progress.phase is Phase.WAITING:
        return _at(told, 0, now)
    return _next(told, terms, now) if held >= terms.steps[progress.step].hold else told


def goes_on(before: Progress, after: Progress) -> bool:
    """Whether the new release is exposed further than before."""
    return (after.phase, after.step) != (before.phase, before.step) and after.phase is not Phase.ABORTED


def aborted(progress: Progress, reason: str, now: float) -> Progress:
    """The progress once it is ended; the same where it is over, since what answers everything is the release by now."""
    if progress.phase in OVER:
        return progress
    return replace(progress, phase=Phase.ABORTED, since=now, reason=reason)


def _failed(progress: Progress, terms: Terms, now: float) -> Progress:
    failures = progress.failures + 1
    most = terms.analysis.failures if terms.analysis else 1
    told = replace(progress, failures=failures)
    return aborted(told, progress.reason, now) if failures >= most else told


def _counts(progress: Progress, terms: Terms, now: float) -> float:
    """Seconds since the last measurement, as far as they count: only where that one was well, too."""
    if not progress.measured or progress.verdict != Verdict.PASS:
        return 0.0
    return max(0.0, min(now - progress.measured, LONGEST_GAP * terms.interval))


def _next(progress: Progress, terms: Terms, now: float) -> Progress:
    if progress.step + 1 < len(terms.steps):
        return _at(progress, progress.step + 1, now)
    return replace(progress, phase=Phase.COMPLETED, since=now)


def _at(progress: Progress, step: int, now: float) -> Progress:
    return replace(
        progress, phase=Phase.STEPPING, step=step, since=now, held=0.0, measured=0.0, failures=0, verdict="", reason=""
    )


def _left(progress: Progress, terms: Terms) -> float:
    hold = terms.steps[progress.step].hold if progress.phase is Phase.STEPPING else 0.0
    return max(0.0, hold - progress.held)
