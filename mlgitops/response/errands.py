"""What is still to be done about a cause, and when it is tried again. Pure: the time is passed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

MOST_TRIES = 8
"""Then it is given up: about half an hour after the first try."""
MOST_PULL_TRIES = 150
"""The same of a pull request: about a day, since forges are away for hours, and nobody else opens it."""
FIRST_PAUSE = 15.0
"""Seconds after the first failure until the next try; each time twice as long."""
LONGEST_PAUSE = 600.0


class Kind(StrEnum):
    """What is done: a pull request is opened, an Event written, a notification sent. They are done in this order."""

    PULL = "pull"
    EVENT = "event"
    NOTICE = "notice"


class Result(StrEnum):
    """What came of it. ``later``: it failed, and is tried again. ``given-up``: it failed too often, or for good."""

    DONE = "done"
    LATER = "later"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do. ``name`` is the notification's. ``ended`` says that it tells of the end of the cause.

    ``tries`` counts those that failed; ``at`` is when it may be tried next, in seconds since the epoch.
    """

    kind: Kind
    name: str = ""
    ended: bool = False
    tries: int = 0
    at: float = 0.0

    def is_same(self, other: Errand) -> bool:
        """Whether both are the same thing to do, however often it was tried."""
        return (self.kind, self.name, self.ended) == (other.kind, other.name, other.ended)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one errand: why it failed, and of a pull request where it is (``url``) and what was done to it."""

    errand: Errand
    result: Result
    reason: str = ""
    url: str = ""
    done: str = ""


def settled(outcome: Outcome) -> Outcome:
    """The outcome, given up where it was tried too often."""
    most = MOST_PULL_TRIES if outcome.errand.kind is Kind.PULL else MOST_TRIES
    if outcome.result is Result.LATER and outcome.errand.tries + 1 >= most:
        return replace(outcome, result=Result.GIVEN_UP)
    return outcome


def again(errand: Errand, now: float) -> Errand:
    """The errand once it failed."""
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**errand.tries)
    return replace(errand, tries=errand.tries + 1, at=now + pause)


def waits(errand: Errand, now: float) -> float:
    """In how many seconds it may be tried; none where the clock went back since it was put off."""
    left = errand.at - now
    return left if left <= LONGEST_PAUSE else 0.0
