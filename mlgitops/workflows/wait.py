"""Waits until what was written is ready, has failed, or time is up; and finds the reason that a person needs.

Time comes in as two functions, so that nothing here waits in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Plan
from mlgitops.plan.health import DeclaredRule, Health, State, health
from mlgitops.plan.health.runs import is_run
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.targets import Connection, Event, Live, is_rendered
from mlgitops.workflows.sites import CANNOT

Progress = Callable[[str, Identity, Health], None]
MOST_EVENTS = 10
"""For how many objects Events are fetched; the others hardly have another reason."""


@dataclass(frozen=True, slots=True)
class Clock:
    """``now`` in seconds that only ever grow; ``sleep`` waits for some of them."""

    now: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """For how long to wait, all in seconds, and by which rules of the environment.

    A status that does not say to which generation it belongs counts once it has stayed the same for a while:
    ``settle`` where it is good, ``grace`` where it is a failure, since that may be the failure just repaired. Between
    two looks it pauses for ``first_pause`` at first, and half as long again each time, up to ``longest_pause``; never
    beyond the moment at which a status counts.
    """

    timeout: float
    rules: tuple[DeclaredRule, ...] = ()
    settle: float = 5.0
    grace: float = 30.0
    first_pause: float = 1.0
    longest_pause: float = 10.0


@dataclass(frozen=True, slots=True)
class Patience:
    """All that waiting takes: a clock, the terms, and whom to tell of each health that is new."""

    clock: Clock
    terms: Terms
    progress: Progress


@dataclass
class _Watch:
    """One object that is waited for: its last health, and since when its state is what it is."""

    target: str
    identity: Identity
    owner: str
    health: Health = field(default_factory=lambda: Health(State.UNKNOWN, "nobody has looked yet"))
    since: float = 0.0


def wait(
    plan: Plan,
    connections: Mapping[str, Connection],
    outcome: Outcome,
    clock: Clock,
    terms: Terms,
    progress: Progress,
) -> tuple[Waited, ...]:
    """Waits for all that an apply wrote; nothing where targets are files. ``progress`` gets each health that is new.

    What the apply itself waited for comes first, as it ended then.
    """
    running = {target.target for target in plan.targets if not is_rendered(target.connection)}
    before = tuple(one for target in outcome.targets for one in target.waited)
    written = {target.target: _not_yet_awaited(target) for target in outcome.targets if target.target in running}
    return (*before, *wait_for(written, connections, clock, terms, progress))


def _not_yet_awaited(target: TargetOutcome) -> tuple[ObjectOutcome, ...]:
    before = {one.identity for one in target.waited}
    return tuple(one for one in target.objects if one.identity not in before)


def wait_for(
    written: Mapping[str, tuple[ObjectOutcome, ...]],
    connections: Mapping[str, Connection],
    clock: Clock,
    terms: Terms,
    progress: Progress,
) -> tuple[Waited, ...]:
    """Waits for the objects, by target, that were written. In the order in which waiting for them ended.

    A target that cannot be read is tried again until time is up.
    """
    start, pause, done = clock.now(), terms.first_pause, list[Waited]()
    pending = [_Watch(name, one.identity, one.owner) for name, objects in written.items() for one in _awaited(objects)]
    while pending:
        _look(pending, connections, terms, clock, progress)
        elapsed = clock.now() - start
        out_of_time = elapsed >= terms.timeout
        over = [(watch, _verdict(watch, clock.now(), terms, out_of_time=out_of_time)) for watch in pending]
        done += [_waited(watch, verdict, elapsed) for watch, verdict in over if verdict]
        pending = [watch for watch, verdict in over if not verdict]
        if pending:
            clock.sleep(min(pause, terms.timeout - elapsed, *_until_they_count(pending, clock.now(), terms)))
            pause = min(pause * 1.5, terms.longest_pause)
    return tuple(_with_events(done, connections))


def _awaited(objects: tuple[ObjectOutcome, ...]) -> Iterator[ObjectOutcome]:
    return (one for one in objects if one.result is Result.DONE and one.action is not Action.DELETE)


def _look(
    pending: list[_Watch],
    connections: Mapping[str, Connection],
    terms: Terms,
    clock: Clock,
    progress: Progress,
) -> None:
    """Takes the present health of everything."""
    for target in dict.fromkeys(watch.target for watch in pending):
        watches = [watch for watch in pending if watch.target == target]
        try:
            live = connections[target].live([watch.identity for watch in watches], exact=True)
            seen = [_health(watch.identity, live.get(watch.identity), terms) for watch in watches]
        except CANNOT as error:
            seen = [Health(State.PROGRESSING, f"{target} cannot be read: {error.message}")] * len(watches)
        for watch, found in zip(watches, seen, strict=True):
            if found != watch.health:
                progress(target, watch.identity, found)
            watch.since = watch.since if found.state is watch.health.state else clock.now()
            watch.health = found


def _health(one: Identity, live: Live | None, terms: Terms) -> Health:
    if live is not None:
        return health(live.manifest, terms.rules)
    if is_run(one):
        return Health(State.READY, "it ended and is gone")
    return Health(State.PROGRESSING, "it is not there")


def _verdict(watch: _Watch, now: float, terms: Terms, *, out_of_time: bool) -> Readiness | None:
    """How waiting for the object ended, or None: go on."""
    found, same_for = watch.health, now - watch.since
    settled = found.certain or same_for >= terms.settle or out_of_time
    match found.state:
        case State.READY | State.UNKNOWN if settled:
            return Readiness.READY
        case State.SUSPENDED if settled:
            return Readiness.SUSPENDED
        case State.FAILED if found.certain or same_for >= terms.grace or out_of_time:
            return Readiness.FAILED
    return Readiness.TIMED_OUT if out_of_time else None


def _until_they_count(pending: Iterable[_Watch], now: float, terms: Terms) -> Iterator[float]:
    """In how many seconds what is said of each will count, where it stays so."""
    for watch in pending:
        lasts = terms.grace if watch.health.state is State.FAILED else terms.settle
        left = lasts - (now - watch.since)
        if watch.health.state is not State.PROGRESSING and left > 0:
            yield left


def _waited(watch: _Watch, readiness: Readiness, elapsed: float) -> Waited:
    return Waited(watch.target, watch.identity, watch.owner, readiness, watch.health, elapsed)


def _with_events(done: list[Waited], connections: Mapping[str, Connection]) -> Iterator[Waited]:
    asked = 0
    for one in done:
        if one.succeeded or asked == MOST_EVENTS:
            yield one
            continue
        asked += 1
        events = _events(connections[one.target], one.identity)
        yield Waited(one.target, one.identity, one.owner, one.readiness, one.health, one.seconds, events)


def _events(connection: Connection, one: Identity) -> tuple[Event, ...]:
    """The object's Events; none where they cannot be read, since they only explain."""
    try:
        return tuple(connection.events(one))
    except CANNOT:
        return ()
