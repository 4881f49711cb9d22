"""What is known of each cause: since when, where, and what was done about it. Pure: the time is passed in.

A cause that ended and comes back is the same cause: it is told again, but not too often, and acted upon only once. It
ends at a target once it was not seen there for a while, since an alert that comes and goes is one that lasts. A clock
that goes back makes things due early, and never late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mlgitops.response.cause import OF_ROLLOUTS, Cause, Seen, Signal, Value
from mlgitops.response.errands import Errand, Kind, Outcome, Result, again, settled, waits
from mlgitops.response.policy import Wanted

QUIET = 300.0
"""For how many seconds an alert must not be seen at a target before it is over there."""
SILENCE = 3600.0
"""Seconds after a notification before the same cause, if it comes back, is notified of again."""
MEMORY = 90 * 86400.0
"""Seconds after its end for which a cause is remembered."""
LONGEST = 500
"""Characters that are kept of why something failed."""
JOINED, MERGED = "joined", "merged"
"""Results: another cause has a pull request that does the same, and what was asked for is in Git already."""
NONE = Wanted()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one cause. Times are in seconds since the epoch.

    ``since`` is when it began this time, ``ended`` when it ended (0: it lasts), ``times`` how often it began.
    ``targets`` has where it is seen, and since when it is no longer (0: it is). ``reason`` and ``values`` are those of
    the first time that it was seen: the evidence. ``noticed`` is when people were told that it began, ``spoken``
    whether they were this time. ``errands`` are still to be done. ``action`` is what a pull request was to do,
    ``result`` what came of it (empty: nothing yet), ``url`` where it is, and ``problem`` why there is none.
    ``revision`` counts the changes of all this.
    """

    cause: Cause
    since: float
    ended: float = 0.0
    times: int = 1
    targets: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    reason: str = ""
    values: tuple[Value, ...] = ()
    noticed: float = 0.0
    spoken: bool = False
    errands: tuple[Errand, ...] = ()
    action: str = ""
    result: str = ""
    url: str = ""
    problem: str = ""
    revision: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it lasts."""
        return not self.ended


Ledger = Mapping[Cause, Known]


def observed(ledger: Ledger, target: str, environment: str, seen: Iterable[Seen], now: float) -> dict[Cause, Known]:
    """The ledger once a target was looked at: everything that is seen there, and nothing else, lasts there."""
    found, by_cause = dict(ledger), {one.cause: one for one in seen}
    for cause, one in by_cause.items():
        found[cause] = _seen(ledger.get(cause), one, {target}, now)
    for cause, known in ledger.items():
        alert_here = cause.environment == environment and cause.signal not in OF_ROLLOUTS and target in known.targets
        if alert_here and known.is_active and cause not in by_cause:
            found[cause] = _unseen(known, target, now)
    return found


def rolled_out(ledger: Ledger, seen: Mapping[Cause, tuple[Seen, frozenset[str]]], now: float) -> dict[Cause, Known]:
    """The ledger by the rollouts that ended (each with its targets): what is no longer among them is over at once."""
    found = dict(ledger)
    for cause, (one, targets) in seen.items():
        found[cause] = _seen(ledger.get(cause), one, targets, now)
    for cause, known in ledger.items():
        if cause.signal in OF_ROLLOUTS and known.is_active and cause not in seen:
            found[cause] = _over(known, now)
    return found


def _seen(known: Known | None, seen: Seen, targets: Iterable[str], now: float) -> Known:
    here = dict.fromkeys(sorted(targets), 0.0)
    if known is None:
        return _told(Known(seen.cause, now, targets=here, reason=seen.reason, values=seen.values))
    if not known.is_active:
        return _told(replace(known, since=now, ended=0.0, times=known.times + 1, targets=here, spoken=False))
    there = {**known.targets, **here}
    return known if there == known.targets else replace(known, targets=there)


def _told(known: Known) -> Known:
    """Kubernetes is told of every beginning. What was not told of the last end no longer has to be."""
    kept = tuple(one for one in known.errands if not one.ended and one.kind is not Kind.EVENT)
    return replace(known, errands=(*kept, Errand(Kind.EVENT)))


def _unseen(known: Known, target: str, now: float) -> Known:
    last = known.targets[target]
    since = last if 0 < last <= now else now
    if now - since >= QUIET:
        return _without(known, {target}, now)
    return known if since == last else replace(known, targets={**known.targets, target: since})


def _without(known: Known, gone: Iterable[str], now: float) -> Known:
    left = {name: since for name, since in known.targets.items() if name not in set(gone)}
    return replace(known, targets=left) if left else _over(known, now)


def _over(known: Known, now: float) -> Known:
    event = (Errand(Kind.EVENT, ended=True),) if known.cause.signal is not Signal.ROLLOUT_COMPLETED else ()
    pending = tuple(one for one in known.errands if one.kind is not Kind.EVENT)
    return replace(known, ended=now, errands=(*pending, *event))


def tended(ledger: Ledger, wanted: Mapping[Cause, Wanted], now: float, *, opens: bool) -> dict[Cause, Known]:
    """The ledger with what environments want done, by cause. ``opens`` says that pull requests may be opened."""
    found = {cause: _tended(known, wanted.get(cause, NONE), now, opens=opens) for cause, known in ledger.items()}
    for cause, known in found.items():
        is_waiting = known.result == JOINED and not known.url
        if is_waiting or _asks(known):
            other = next(_same(found, cause, known.action), None)
            if other is not None:
                found[cause] = _joined(known, other)
            elif is_waiting:
                found[cause] = replace(known, result="", errands=(*known.errands, Errand(Kind.PULL)))
    return found


def _asks(known: Known) -> bool:
    return any(one.kind is Kind.PULL for one in known.errands)


def _tended(known: Known, wanted: Wanted, now: float, *, opens: bool) -> Known:
    if _asks(known) and not (opens and known.is_active and wanted.action == known.action):
        known = replace(known, action="", problem="", errands=_all_but(Kind.PULL, known))
    is_silent = 0 <= now - known.noticed < SILENCE
    if known.is_active and wanted.notices and not known.spoken and not is_silent:
        notices = tuple(Errand(Kind.NOTICE, name) for name in wanted.notices)
        known = replace(known, spoken=True, noticed=now, errands=(*_all_but(Kind.NOTICE, known), *notices))
    if not known.is_active and known.spoken:
        ended = () if known.cause.signal is Signal.ROLLOUT_COMPLETED else wanted.notices
        notices = tuple(Errand(Kind.NOTICE, name, ended=True) for name in ended)
        known = replace(known, spoken=False, errands=(*known.errands, *notices))
    if opens and known.is_active and wanted.action and not (known.action or known.result):
        return replace(known, action=wanted.action, errands=(*known.errands, Errand(Kind.PULL)))
    return known


def _same(ledger: Ledger, cause: Cause, action: str) -> Iterator[Known]:
    """What else has, or is about to have, a pull request that does the same with the same release."""
    for other, known in sorted(ledger.items()):
        about = (other.environment, other.model, other.version) == (cause.environment, cause.model, cause.version)
        if about and other != cause and known.action == action and (known.url or (_asks(known) and other < cause)):
            yield known


def _joined(known: Known, other: Known) -> Known:
    return replace(known, errands=_all_but(Kind.PULL, known), result=JOINED, url=other.url)


def _all_but(kind: Kind, known: Known) -> tuple[Errand, ...]:
    return tuple(one for one in known.errands if one.kind is not kind)


def answered(known: Known, outcomes: Iterable[Outcome], now: float) -> Known:
    """What is known once errands were run."""
    for outcome in map(settled, outcomes):
        left = tuple(one for one in known.errands if not one.is_same(outcome.errand))
        if outcome.result is Result.LATER:
            left = (*left, again(outcome.errand, now))
        known = replace(known, errands=left)
        if outcome.errand.kind is Kind.PULL:
            result = "" if outcome.result is Result.LATER else (outcome.done or outcome.result.value)
            known = replace(known, result=result, url=outcome.url, problem=outcome.reason[:LONGEST])
    return known


def kept(ledger: Ledger, where: Callable[[Cause], frozenset[str] | None], now: float) -> dict[Cause, Known]:
    """The ledger once Git said where each cause is looked for: it is over at all other targets.

    None has it forgotten, since somebody else looks for it.
    """
    found = {}
    for cause, known in ledger.items():
        targets = where(cause)
        if targets is None or (known.ended and now - known.ended > MEMORY):
            continue
        gone = known.targets.keys() - targets
        found[cause] = _without(known, gone, now) if gone and known.is_active else known
    return found


def due(known: Known, now: float) -> tuple[Errand, ...]:
    """The errands that may be run now, in their order."""
    order = list(Kind)
    ready = (one for one in known.errands if waits(one, now) <= 0)
    return tuple(sorted(ready, key=lambda one: order.index(one.kind)))


def revised(before: Known | None, after: Known) -> Known:
    """What is known after ``before``, with the next number where it is anything else."""
    return after if after == before else replace(after, revision=before.revision + 1 if before else 1)


def united(one: Ledger, other: Ledger) -> dict[Cause, Known]:
    """What two know that did the same work one after the other: of each cause what was changed last."""
    newer = {cause: known for cause, known in other.items() if cause not in one or _order(known) > _order(one[cause])}
    return {**one, **newer}


def _order(known: Known) -> tuple[int, int, bool, float]:
    return known.revision, known.times, bool(known.result), known.since
