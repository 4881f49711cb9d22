"""The ledger as plain JSON data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlgitops.response.cause import Cause, Signal, Value
from mlgitops.response.errands import Errand, Kind
from mlgitops.response.ledger import Known, Ledger


def plain(ledger: Ledger) -> list[dict[str, Any]]:
    """The ledger, in the order of its causes."""
    return [_known(ledger[cause]) for cause in sorted(ledger)]


def parsed(data: Iterable[Mapping[str, Any]]) -> dict[Cause, Known]:
    """The ledger that ``plain`` gave. Raises ``KeyError``, ``TypeError`` or ``ValueError`` on other data."""
    found = map(_parsed, data)
    return {one.cause: one for one in found}


def _known(one: Known) -> dict[str, Any]:
    cause = one.cause
    return {
        "signal": cause.signal.value,
        "environment": cause.environment,
        "model": cause.model,
        "version": cause.version,
        "name": cause.name,
        "since": one.since,
        "ended": one.ended,
        "times": one.times,
        "targets": dict(one.targets),
        "reason": one.reason,
        "values": [[value.name, value.value] for value in one.values],
        "noticed": one.noticed,
        "spoken": one.spoken,
        "errands": [[e.kind.value, e.name, e.ended, e.tries, e.at] for e in one.errands],
        "action": one.action,
        "result": one.result,
        "url": one.url,
        "problem": one.problem,
        "revision": one.revision,
    }


def _parsed(data: Mapping[str, Any]) -> Known:
    cause = Cause(Signal(data["signal"]), data["environment"], data["model"], data["version"], data["name"])
    return Known(
        cause,
        data["since"],
        data["ended"],
        data["times"],
        dict(data["targets"]),
        data["reason"],
        tuple(Value(*row) for row in data["values"]),
        data["noticed"],
        data["spoken"],
        tuple(Errand(Kind(row[0]), *row[1:]) for row in data["errands"]),
        data["action"],
        data["result"],
        data["url"],
        data["problem"],
        data.get("revision", 0),
    )
