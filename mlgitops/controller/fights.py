"""Fights: somebody else keeps changing what is put back. After so many repairs it is left alone, and told. Pure.

A field is known by its object, its path and the manifest that says what it is to be, so that a change in Git begins
anew. What is left alone stays so for as long as it differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.reconcile import Fights


class Disputed(NamedTuple):
    """A field of an object, ``field`` being empty for the whole of it, and the digest of the manifest that wants it."""

    object: str
    field: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.field} of {self.object}" if self.field else self.object


class Repair(NamedTuple):
    """One time that something was put back. ``by`` says who had changed it, as far as that is known; ``time`` is in
    seconds since the epoch."""

    what: Disputed
    by: str
    time: float


@dataclass(frozen=True, slots=True)
class Terms:
    """After how many repairs within how many seconds."""

    repairs: int
    within: float

    @classmethod
    def of(cls, fights: Fights) -> Terms:
        """The terms of an environment."""
        return cls(fights.repairs, milliseconds(fights.within) / 1000)


def left_alone(
    before: Collection[Disputed], differing: Iterable[Disputed], evidence: Iterable[Repair], terms: Terms, now: float
) -> frozenset[Disputed]:
    """Of what differs now, what is not repaired any more: it was left alone before, or was repaired too often."""
    counted = Counter(repair.what for repair in recent(evidence, terms, now))
    return frozenset(one for one in differing if one in before or counted[one] >= terms.repairs)


def recent(evidence: Iterable[Repair], terms: Terms, now: float) -> Iterator[Repair]:
    """The repairs that still count."""
    return (repair for repair in evidence if now - terms.within < repair.time <= now)


def told(one: Disputed, evidence: Iterable[Repair], by: str) -> str:
    """Who fights over what, for people; ``by`` says who changed it this time."""
    times = sum(repair.what == one for repair in evidence)
    counted = f"it was put back {times} times" if times > 1 else "it was put back"
    return f"{one} is changed again and again, {by or 'nobody knows by whom'}; {counted} and is left alone now"
