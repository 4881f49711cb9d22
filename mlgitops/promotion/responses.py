"""What a load of requests says about a served model: right answers, latency, throughput, errors. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AGREEMENT = "golden-agreement"
"""The metric that evidence gets: the share of golden requests of which every answer was right."""


@dataclass(frozen=True, slots=True)
class Response:
    """How one request went: which line of the golden set, how long, and what was wrong with it (empty: nothing).

    ``answered`` tells a wrong answer from none at all.
    """

    line: int
    seconds: float
    answered: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """All responses, and how many seconds passed from the first request to the last answer."""

    responses: tuple[Response, ...]
    seconds: float
    concurrency: int

    @property
    def problems(self) -> dict[str, tuple[int, int]]:
        """What was wrong, how many times, and in which line first; the most frequent first."""
        counts: dict[str, tuple[int, int]] = {}
        for one in sorted(self.responses, key=lambda response: response.line):
            if one.problem:
                times, line = counts.get(one.problem, (0, one.line))
                counts[one.problem] = (times + 1, line)
        return dict(sorted(counts.items(), key=lambda item: -item[1][0]))

    @property
    def agreement(self) -> float:
        """The share of lines, 0 to 1, of which every answer was right."""
        lines = {one.line for one in self.responses}
        wrong = {one.line for one in self.responses if one.problem}
        return (len(lines) - len(wrong)) / len(lines) if lines else 0.0

    def fields(self) -> Mapping[str, Any]:
        """The fields of evidence. Raises ``ValueError`` where nothing was answered, so that nothing was measured."""
        times = sorted(one.seconds * 1000 for one in self.responses if one.answered)
        if not times:
            first = next(iter(self.problems), "no request was sent")
            raise ValueError(f"the model answered nothing: {first}")
        wrong = sum(bool(one.problem) for one in self.responses)
        latency = {
            **{f"p{share}": round(percentile(times, share), 3) for share in (50, 95, 99)},
            "throughput": round(len(times) / self.seconds, 3),
            "errorRate": round(wrong / len(self.responses), 6) if wrong else 0.0,
            "requests": len(self.responses),
            "concurrency": self.concurrency,
        }
        metric = {"name": AGREEMENT, "value": self.agreement, "higherIsBetter": True}
        return {"latency": latency, "metrics": [metric]}


def percentile(ordered: Sequence[float], share: int) -> float:
    """The smallest value that ``share`` of 100 values do not exceed (nearest rank). ``ordered`` is not empty."""
    return ordered[max(1, math.ceil(len(ordered) * share / 100)) - 1]
