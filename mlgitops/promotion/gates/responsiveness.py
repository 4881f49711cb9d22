"""Gates about how a served model answers: latency and errors, as ``mlgitops evaluate`` measures them. Pure."""

from __future__ import annotations

from collections.abc import Callable

from mlgitops.promotion.gates.facts import Facts, MissingError
from mlgitops.promotion.gates.parameters import Answer, number
from mlgitops.spec.gates import Errors, Slowest
from mlgitops.spec.quantities import milliseconds


def latency(percentile: str) -> Callable[[Slowest, Facts], Answer]:
    """The gate about one percentile: ``p95`` or ``p99``."""

    def look(parameters: Slowest, facts: Facts) -> Answer:
        value = float(facts.candidate.measured("latency", percentile))
        _enough(facts, parameters.requests)
        told = f"{percentile[1:]} of 100 answers came within {number(value)} ms"
        passes = value <= milliseconds(parameters.max)
        return Answer(passes, f"{number(value)} ms", f"at most {parameters.max}", told)

    look.__doc__ = f"{percentile[1:]} of 100 answers came within max."
    return look


def error_rate(parameters: Errors, facts: Facts) -> Answer:
    """No larger share of requests than max had no right answer."""
    value = float(facts.candidate.measured("latency", "errorRate"))
    _enough(facts, parameters.requests)
    told = f"{number(value * 100)} of 100 requests had no right answer"
    return Answer(value <= parameters.max, number(value), f"at most {number(parameters.max)}", told)


def _enough(facts: Facts, least: int) -> None:
    sent = int(facts.candidate.measured("latency", "requests"))
    if sent < least:
        raise MissingError(f"it was measured on {sent} requests, which are fewer than {least}")
