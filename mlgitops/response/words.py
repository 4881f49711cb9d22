"""What is told of a cause, in words. Pure.

Words of others, such as the reason of a measurement, are cut, and hold no control characters and no direction marks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

from mlgitops.response.cause import Cause, Signal
from mlgitops.response.ledger import JOINED, MERGED, Known
from mlgitops.response.policy import command

_SAYS = {
    Signal.DRIFT: "requests have moved away from the data that it was trained on",
    Signal.STALE: "it is older than it may be",
    Signal.SLO_BURN: "it uses up the error budget of an objective",
    Signal.BUSINESS: "a business metric is below its floor",
    Signal.ERRORS: "many of its requests fail",
    Signal.ROLLOUT_ABORTED: "its rollout was aborted: the stable release answers all requests",
    Signal.ROLLOUT_COMPLETED: "its rollout is complete: it answers all requests",
}
LONGEST = 500
"""Characters of a text of others."""
MOST_TARGETS = 5
"""Targets that are named."""


def plain(text: str, longest: int = LONGEST) -> str:
    """A text of others as one harmless line."""
    shown = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)
    shown = " ".join(shown.split())
    return f"{shown[:longest]}…" if len(shown) > longest else shown


def title(cause: Cause) -> str:
    """Which release it is about, and what is seen of it, in a line."""
    return f"{cause.model} {cause.version} in {cause.environment}: {_SAYS[cause.signal]}"


def lines(known: Known, action: str) -> Iterator[str]:
    """All that is told: why, where, since when, what is done or is to be done about it, and the numbers."""
    cause = known.cause
    if known.reason:
        yield plain(known.reason)
    if "/" in cause.name:
        yield f"metric: {plain(cause.name.partition('/')[2])}"
    if known.targets:
        yield f"at {_named(list(known.targets))}, since {at(known.since)}"
    yield from _done(known, action)
    for one in known.values:
        yield f"{plain(one.name, 100)}: {one.value:.6g}"


def _named(targets: list[str]) -> str:
    more = f" and {len(targets) - MOST_TARGETS} more" if len(targets) > MOST_TARGETS else ""
    return ", ".join(targets[:MOST_TARGETS]) + more


def _done(known: Known, action: str) -> Iterator[str]:
    wanted = known.action or action
    if known.url:
        yield f"pull request: {known.url}"
    elif known.problem:
        yield f"no pull request could be opened: {plain(known.problem)}"
    if wanted and not known.url and known.result not in (JOINED, MERGED):
        yield f"by hand: {command(known.cause, wanted)}"


def at(seconds: float) -> str:
    """A time as RFC 3339, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
