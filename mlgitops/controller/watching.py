"""Looks at what a target's Prometheus says of its models: which of the alerts that Git has rendered fire."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from math import isfinite

from mlgitops.errors import InferenceError
from mlgitops.inference.prometheus import Prometheus
from mlgitops.progressive.terms import Server
from mlgitops.response import alerts
from mlgitops.response.cause import Cause, Seen, Value

SECONDS = 10.0
"""How long one query may take."""
NUMBERS_SECONDS = 20.0
"""For how long a look goes on to ask for the numbers behind what it saw, of which there may be much at once."""


def look(
    server: Server, watched: alerts.Watch, known: Collection[Cause], variables: Mapping[str, str]
) -> tuple[Seen, ...]:
    """Everything that is seen at a target; of what is not among the ``known`` also the numbers behind it.

    Raises ``InferenceError`` and ``NotAuthorisedError`` where nobody can tell: an answer that makes no sense is none.
    """
    token = variables.get(server.token_from, "") if server.token_from else ""
    prometheus = Prometheus(server.url, variables, token, SECONDS)
    samples = [(one.labels, one.value) for one in prometheus.query(watched.expression)]
    if not all(isfinite(value) and "alertname" in labels for labels, value in samples):
        raise InferenceError("Prometheus has alerts that are none", help="See what answers at spec.prometheus.url.")
    until = time.monotonic() + NUMBERS_SECONDS
    return tuple(
        Seen(cause, values=() if cause in known else tuple(_values(prometheus, watched, cause, until)))
        for cause in alerts.firing(watched, samples)
    )


def _values(prometheus: Prometheus, watched: alerts.Watch, cause: Cause, until: float) -> Iterator[Value]:
    """Numbers that cannot be had, or not ``until`` then, do not make the cause any less seen."""
    left = alerts.MOST_VALUES
    for expression in alerts.measures(watched, cause):
        if time.monotonic() >= until:
            return
        try:
            samples = [(one.labels, one.value) for one in prometheus.query(expression)]
        except InferenceError:
            continue
        found = alerts.values(cause.name, samples)[:left]
        left -= len(found)
        yield from found
