"""What the controller knows of each target, and how it changes. Pure: the time is passed in.

A time is in seconds since the epoch, since what is kept outlives the process. A clock that goes back makes targets due
early, and never late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.waves import Wave
from mlgitops.progressive.progress import Progress
from mlgitops.response.cause import Cause
from mlgitops.response.ledger import Known

FIRST_PAUSE = 10.0
"""Seconds after the first failure until the next attempt; each time twice as long."""
LONGEST_PAUSE = 600.0


class Key(NamedTuple):
    """One target of an environment."""

    environment: str
    target: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.target}"


class ModelKey(NamedTuple):
    """A model of an environment, at all of its targets."""

    environment: str
    model: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.model}"


class Word(StrEnum):
    """How a target stands, in one word.

    ``in-sync``: it is as Git says. ``applied``: it has just been made so. ``drifted``: it is not, and is only reported.
    ``pending``: what Git says is held back, by mode manual or since no window is open. ``waiting``: it is not its turn
    yet. ``progressing``: it was written, and Git said something else before it was ready. ``suspended``: somebody wants
    nothing to be done. ``fighting``: somebody else keeps changing it back.
    ``failed``: something went wrong there. ``unreachable``: it cannot be read. ``refused``: a person has to agree.
    """

    IN_SYNC = "in-sync"
    APPLIED = "applied"
    DRIFTED = "drifted"
    PENDING = "pending"
    WAITING = "waiting"
    PROGRESSING = "progressing"
    SUSPENDED = "suspended"
    FIGHTING = "fighting"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


GOOD = frozenset({Word.IN_SYNC, Word.APPLIED})
"""All that Git says is there, and ready."""
BAD = frozenset({Word.FIGHTING, Word.FAILED, Word.UNREACHABLE, Word.REFUSED})
"""Somebody has to look."""
RETRIED = frozenset({Word.FAILED, Word.UNREACHABLE})
"""Tried again after a pause that grows; the others at the next resync."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one attempt at one target came to.

    ``reason`` says why it is not well, ``help`` what to do about it. ``commit`` is the one that was to be there, and
    ``applied`` the one that was applied last, as far as that is known. ``touched`` says that something may have been
    written. ``written`` counts the objects that were, ``drifted`` those that somebody else had changed, and ``pending``
    those that are not as Git says now. ``repairs`` are what was put back, ``disputed`` what is left alone, None where
    nobody could look. ``narrow`` says that only what Git changed was looked at.
    """

    word: Word
    reason: str = ""
    help: str = ""
    commit: str = ""
    applied: str = ""
    touched: bool = False
    written: int = 0
    drifted: int = 0
    pending: int = 0
    repairs: tuple[Repair, ...] = ()
    disputed: frozenset[Disputed] | None = None
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class TargetState:
    """What is known of one target.

    ``digest`` is of what was to be there when it was looked at last, empty before the first look. ``since`` is when the
    result's word became what it is, ``looked`` when the last attempt ended, ``succeeded`` when it last was well, and
    ``next_attempt`` when everything is looked at again although nothing changed. ``failures`` counts those in a row.
    ``evidence`` are the last repairs, ``disputed`` what is left alone since somebody else keeps changing it.
    """

    digest: str = ""
    result: Result | None = None
    since: float = 0.0
    looked: float = 0.0
    succeeded: float = 0.0
    failures: int = 0
    next_attempt: float = 0.0
    evidence: tuple[Repair, ...] = ()
    disputed: frozenset[Disputed] = frozenset()

    @property
    def word(self) -> Word | None:
        """The last result's word; None before the first."""
        return self.result.word if self.result else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Since when the branch is not followed any further, 0 where that is not known.

    ``commit`` is the one that is not taken up and ``help`` what to do, both empty where Git could not be read.
    """

    since: float = 0.0
    commit: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the controller knows.

    ``commit`` is the one that is followed and ``committed`` when it was taken up; ``refused`` says why the branch is
    not followed any further, and ``refusal`` since when. ``targets`` has each target of each environment, ``waves`` the
    rollout under way of each environment that has waves, ``approved`` the digest of what a person approved of for an
    environment, ``broken`` why an environment cannot be rendered, and ``broken_since`` since when (0: not known).
    ``progress`` has the rollouts that go by steps, ``responses`` what was seen of models and is done about it.
    """

    commit: str = ""
    committed: float = 0.0
    refused: str = ""
    targets: Mapping[Key, TargetState] = field(default_factory=lambda: MappingProxyType({}))
    waves: Mapping[str, Wave] = field(default_factory=lambda: MappingProxyType({}))
    approved: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    broken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refusal: Refusal = Refusal()
    broken_since: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    progress: Mapping[ModelKey, Progress] = field(default_factory=lambda: MappingProxyType({}))
    responses: Mapping[Cause, Known] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, key: Key) -> TargetState:
        """The state of a target; a new one where nothing is known of it."""
        return self.targets.get(key) or TargetState()

    def is_unrendered(self, key: Key) -> bool:
        """Whether all that is known of a target is that its environment is broken."""
        return key.environment in self.broken and not self.of(key).digest


@dataclass(frozen=True, slots=True)
class Pace:
    """When a target is looked at again, in seconds.

    ``spread`` is between 0 and 1, and another one each time, so that what was looked at together is not for ever.
    ``memory`` is for how long repairs count.
    """

    resync: float
    spread: float = 0.5
    memory: float = 0.0


def after(before: TargetState, digest: str, result: Result, now: float, pace: Pace) -> TargetState:
    """The state of a target once an attempt at it ended. A narrow one does not put off the next look at everything."""
    failures = before.failures + 1 if result.word in RETRIED else 0
    pause = _pause(failures, pace.spread) if failures else pace.resync * (0.9 + 0.2 * pace.spread)
    following = min(now + pause, before.next_attempt) if result.narrow and not failures else now + pause
    same = before.word == result.word or {before.word, result.word} <= GOOD
    return replace(
        before,
        digest=digest,
        result=result,
        since=before.since if same else now,
        looked=now,
        succeeded=now if result.word in GOOD else before.succeeded,
        failures=failures,
        next_attempt=following,
        evidence=(*(one for one in before.evidence if now - one.time < pace.memory), *result.repairs),
        disputed=before.disputed if result.disputed is None else result.disputed,
    )


def carried(before: TargetState, commit: str) -> TargetState:
    """The state of a target at which a new commit changes nothing."""
    return replace(before, result=replace(before.result, commit=commit)) if before.result else before


def _pause(failures: int, spread: float) -> float:
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 16))
    return longest * (0.75 + 0.25 * spread)
