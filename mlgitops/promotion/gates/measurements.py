"""Gates about what was measured of the model: metrics, and gaps between groups. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.promotion.gates.facts import Facts, MissingError, Side
from mlgitops.promotion.gates.parameters import Answer, number
from mlgitops.spec.gates import Fairness, Floor, Margin, Nothing


def metric_floor(parameters: Floor, facts: Facts) -> Answer:
    """A metric is at least min, or at most max."""
    value = float(facts.candidate.metric(parameters.metric)["value"])
    low = parameters.min is None or value >= parameters.min
    high = parameters.max is None or value <= parameters.max
    told = "is within its bound" if low and high else "is below its bound" if not low else "is above its bound"
    return Answer(low and high, number(value), _range(parameters), f"{parameters.metric} {told}")


def not_worse_than_champion(parameters: Margin, facts: Facts) -> Answer:
    """A metric is no worse than that of the release that runs, measured on the same data."""
    name = parameters.metric
    mine = facts.candidate.metric(name)
    value, higher = float(mine["value"]), bool(mine.get("higherIsBetter", True))
    if facts.champion is None:
        return Answer(True, number(value), "", f"no release runs in {facts.environment} yet")
    running = _running(name, facts.candidate, facts.champion)
    if bool(running.get("higherIsBetter", True)) is not higher:
        raise MissingError(f"the two releases do not agree whether a higher {name} is better")
    other = float(running["value"])
    allowed = parameters.by if parameters.percent is None else abs(other) * parameters.percent / 100 + parameters.by
    bound = other - allowed if higher else other + allowed
    passes = value >= bound if higher else value <= bound
    words = f"at {'least' if higher else 'most'} {number(bound)}"
    told = f"{name} is {number(value)}, that of the running release {number(other)}"
    return Answer(passes, number(value), words, told)


def fairness(parameters: Fairness, facts: Facts) -> Answer:
    """Every gap between groups is within the model's governance.fairness, and within maxGap."""
    gaps = {(gap["name"], gap["attribute"]): float(gap["gap"]) for gap in facts.candidate.measured("fairness")}
    bounds = {(bound["name"], bound["attribute"]): float(bound["maxGap"]) for bound in _declared(facts)}
    if not bounds and parameters.max_gap is None:
        raise MissingError("neither governance.fairness nor maxGap gives a bound")
    unmeasured = [f"{name} of {attribute}" for name, attribute in bounds if (name, attribute) not in gaps]
    if unmeasured:
        raise MissingError(f"the evidence does not say the gap of {', '.join(unmeasured)}")
    most = {key: _least(bounds.get(key), parameters.max_gap) for key in gaps}
    judged = [(gap, bound, key) for key, gap in gaps.items() if (bound := most[key]) is not None]
    gap, bound, (name, attribute) = max(judged, key=lambda one: (one[0] - one[1], one[2]))
    told = f"the {'widest' if gap > bound else 'closest'} of {len(judged)} gaps is {name} of {attribute}"
    return Answer(gap <= bound, number(gap), f"at most {number(bound)}", told)


def tests_passed(_: Nothing, facts: Facts) -> Answer:
    """The evidence has tests, and none of them failed."""
    tests = facts.candidate.measured("tests")
    passed, failed = int(tests["passed"]), int(tests["failed"])
    if passed + failed == 0:
        raise MissingError("no test ran")
    return Answer(failed == 0, f"{failed} failed of {passed + failed}", "none failed", f"{passed} tests passed")


def _running(name: str, candidate: Side, champion: Side) -> Mapping[str, Any]:
    try:
        found, data = champion.metric(name), champion.measured("dataDigest")
    except MissingError as missing:
        raise MissingError(f"of the running release: {missing}") from missing
    if candidate.measured("dataDigest") != data:
        raise MissingError("the two releases were measured on different data")
    return found


def _declared(facts: Facts) -> list[Mapping[str, Any]]:
    return list(facts.governance.get("fairness") or ())


def _least(*bounds: float | None) -> float | None:
    return min((bound for bound in bounds if bound is not None), default=None)


def _range(parameters: Floor) -> str:
    parts = [("at least", parameters.min), ("at most", parameters.max)]
    return ", ".join(f"{words} {number(bound)}" for words, bound in parts if bound is not None)
