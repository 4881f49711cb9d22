"""When a target is looked at, and whether it may be written to then. Pure: the time is passed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from mlgitops.controller.goals import Policy
from mlgitops.controller.state import GOOD, Pace, TargetState, Word
from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.times import is_frozen, is_open


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing is written, and the word for it where there would be something to write."""

    word: Word
    reason: str
    help: str = ""


def is_due(state: TargetState, digest: str, now: float) -> bool:
    """Whether a target is looked at: Git says something new, it is time, or the clock went back."""
    return state.digest != digest or now >= state.next_attempt or now < state.looked


def is_whole(state: TargetState, now: float) -> bool:
    """Whether a look that is due is at everything: it is time for that, or something else than Git may have to be told.

    What is not there yet since it waits, or since Git moved on, is all of Git's doing.
    """
    return now >= state.next_attempt or state.word not in GOOD | {Word.WAITING, Word.PROGRESSING}


def next_look(states: Iterable[TargetState], now: float) -> float | None:
    """When the next of some targets is due, none of which is now; None where there is none."""
    return min((state.next_attempt for state in states if state.next_attempt > now), default=None)


def pace(policy: Policy, spread: float) -> Pace:
    """How often the targets of an environment are looked at."""
    reconcile = policy.reconcile
    return Pace(seconds(reconcile.resync), spread, seconds(reconcile.fights.within))


def seconds(duration: str) -> float:
    """A ``Duration`` in seconds."""
    return milliseconds(duration) / 1000


def withheld(environment: str, policy: Policy, *, approved: bool, now: float) -> Withheld | None:
    """Why an environment is not written to now, whatever the target; None where it is.

    ``approved`` says that a person approved of what it is to be.
    """
    if policy.reconcile.mode == "report":
        return Withheld(Word.DRIFTED, "mode is report", "apply it by hand, or set reconcile.mode to auto")
    if policy.reconcile.mode == "manual" and not approved:
        command = f"mlgitops rollout approve --env {environment}, or apply it by hand"
        return Withheld(Word.PENDING, "mode is manual, and nobody approved of this yet", command)
    if closed := _closed(policy, datetime.fromtimestamp(now, UTC)):
        return Withheld(Word.PENDING, closed)
    return None


def _closed(policy: Policy, now: datetime) -> str:
    """Why it is no time for changes; empty where it is. A time or a zone that nobody knows lets nothing in."""

    def zones(name: str) -> tzinfo:
        if name not in policy.zones:
            raise ValueError(f"the time zone {name} is not known here")
        return policy.zones[name]

    try:
        frozen = [one.reason for one in policy.reconcile.freezes if is_frozen(one, zones, now)]
        if frozen:
            return f"frozen: {'; '.join(frozen)}"
        if policy.reconcile.windows and not is_open(policy.reconcile.windows, zones, now):
            return "no window is open"
    except ValueError as error:
        return f"nobody can tell whether it is a time for changes: {error}"
    return ""
