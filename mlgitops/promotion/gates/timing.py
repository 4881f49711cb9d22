"""Gates about time: how long a release ran where it comes from, when releases may come, and when none may. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from mlgitops.promotion.gates.facts import Facts, MissingError, moment
from mlgitops.promotion.gates.lineage import spoken
from mlgitops.promotion.gates.parameters import Answer
from mlgitops.spec.gates import Nothing, Soak
from mlgitops.spec.times import is_frozen, is_open

READY = "ready"


def soaked(parameters: Soak, facts: Facts) -> Answer:
    """The release ran for some hours in the environment that it comes from, and was ready all that time."""
    if facts.arrived is None:
        raise MissingError(f"the release has not been in {facts.source or 'an environment before'}")
    if facts.held:
        return Answer(False, "on hold", "not on hold", f"the release is on hold in {facts.source}")
    start = facts.arrived
    end = facts.now
    if parameters.observed:
        since, end = _observed(facts)
        start = max(start, since)
    ran, wanted = max(timedelta(0), min(end, facts.now) - start), timedelta(hours=parameters.hours)
    told = f"it has been {'ready' if parameters.observed else 'there'} in {facts.source} for {spoken(ran)}"
    return Answer(ran >= wanted, spoken(ran), f"at least {spoken(wanted)}", told)


def change_window(_: Nothing, facts: Facts) -> Answer:
    """It is a time at which releases may come; without any window, that is always."""
    if not facts.windows:
        return Answer(True, _shown(facts.now), "always", "the environment has no windows")
    bound = "; ".join(f"{window.cron} for {window.duration} ({window.timezone})" for window in facts.windows)
    opened = is_open(facts.windows, partial(_zone, facts.zones), facts.now)
    told = "a window is open" if opened else "no window is open now"
    return Answer(opened, _shown(facts.now), bound, told)


def freeze(_: Nothing, facts: Facts) -> Answer:
    """It is no time at which nothing may come."""
    if not facts.freezes:
        return Answer(True, _shown(facts.now), "", "the environment has no freezes")
    zones = partial(_zone, facts.zones)
    reasons = [one.reason for one in facts.freezes if is_frozen(one, zones, facts.now, moment)]
    told = f"frozen: {'; '.join(reasons)}" if reasons else "nothing is frozen"
    return Answer(not reasons, _shown(facts.now), f"outside {len(facts.freezes)} freezes", told)


def _zone(zones: Mapping[str, tzinfo], name: str) -> tzinfo:
    if name not in zones:
        raise MissingError(f"the time zone {name} is not known here")
    return zones[name]


def _observed(facts: Facts) -> tuple[datetime, datetime]:
    """From when to when the evidence says that it was ready. Raises ``MissingError``."""
    found = [one for one in facts.candidate.measured("health") if one["environment"] == facts.source]
    if not found:
        raise MissingError(f"the evidence does not say how it did in {facts.source}")
    for one in _unwell(found):
        raise MissingError(f"it was {one['state']} in {facts.source} at {one['observedAt']}")
    return max(moment(one["since"]) for one in found), min(moment(one["observedAt"]) for one in found)


def _unwell(observed: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (one for one in observed if one["state"] != READY)


def _shown(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
