"""When a request is sent again: after what, how often, after how long.

A request that was refused for its rate was not carried out, so that any may be sent again. After anything else only a
request may that does no harm twice.
"""

from __future__ import annotations

import email.utils
from random import SystemRandom

from mlgitops.forges.answer import Answer

ATTEMPTS = 6
"""The most times that one request is sent."""
BUDGET_SECONDS = 90.0
"""The longest that one request may take with all its repeats."""
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 8.0
SECONDARY_LIMIT_SECONDS = 60.0
"""What GitHub asks for where a secondary limit comes without a time: at least a minute."""

_PASSING = frozenset({0, 500, 502, 503, 504})


def pause(answer: Answer, repeatable: bool, attempt: int, now: float) -> float | None:
    """Seconds to wait before the request is sent for the ``attempt + 1``-th time; None where it is not.

    ``now`` is in seconds since 1970.
    """
    limited = is_rate_limit(answer)
    if not (limited or (repeatable and answer.status in _PASSING)):
        return None
    told = _told(answer, now)
    if told is not None:
        return told
    return SECONDARY_LIMIT_SECONDS if limited and _is_secondary(answer) else backoff(attempt)


def is_rate_limit(answer: Answer) -> bool:
    """Whether the forge wants to be asked less often. GitHub says so by 403, too."""
    if answer.status == 429:
        return True
    limited = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return answer.status == 403 and (limited or _is_secondary(answer))


def backoff(attempt: int) -> float:
    """Seconds: twice as long each time up to a bound, and by chance up to half of that less."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))
    return float(longest * SystemRandom().uniform(0.5, 1.0))  # so that many runs do not come back at once


def _is_secondary(answer: Answer) -> bool:
    return "secondary rate limit" in answer.words().lower()


def _told(answer: Answer, now: float) -> float | None:
    """How long the forge says to wait: Retry-After in seconds or as a date, else when GitHub's limit is lifted."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdigit():
        return float(said)
    if said:
        return _until(_date(said), now)
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return _until(float(reset), now)
    return None


def _until(moment: float | None, now: float) -> float | None:
    return None if moment is None else max(moment - now, 0.0)


def _date(text: str) -> float | None:
    parsed = email.utils.parsedate_tz(text)
    return None if parsed is None else float(email.utils.mktime_tz(parsed))
