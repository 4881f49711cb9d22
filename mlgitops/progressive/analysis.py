"""Judges what was measured of two releases. What cannot be measured says nothing, and never that all is well. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite, log
from typing import TypeGuard

from mlgitops.progressive.terms import Analysis, Measure

LEAST_SHARE = 1e-4
"""What an empty bucket counts as, so that the index stays finite: usual for a population stability index."""


class Verdict(StrEnum):
    """``pass``: every measure holds. ``fail``: one does not. ``unknown``: nobody can tell."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one measure; None where there is no such number."""

    name: str
    new: float | None = None
    stable: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, why, and what it is of."""

    verdict: Verdict
    reason: str = ""
    readings: tuple[Reading, ...] = ()


WELL = Judgement(Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Counts:
    """What says whether readings mean anything: how many requests came to the ``new`` release and to the ``stable`` one
    in the window, and the ``age`` of the new one's metrics in seconds; None where there is no such number."""

    new: float | None
    stable: float | None
    age: float | None


def judge(analysis: Analysis, counts: Counts, readings: Sequence[Reading]) -> Judgement:
    """The judgement over readings, one for each measure in order."""
    unusable = _unusable(analysis, counts)
    if unusable:
        return Judgement(Verdict.UNKNOWN, unusable, tuple(readings))
    alone = _alone(analysis, counts.stable)
    told = [_of(measure, reading, alone) for measure, reading in zip(analysis.measures, readings, strict=True)]
    return replace_readings(worst(told), readings)


def replace_readings(judgement: Judgement, readings: Iterable[Reading]) -> Judgement:
    """The same judgement over these readings."""
    return Judgement(judgement.verdict, judgement.reason, tuple(readings))


def worst(judgements: Iterable[Judgement]) -> Judgement:
    """The first that fails, else the first that is unknown, else a pass; with the readings of all."""
    judgements = list(judgements)
    readings = tuple(reading for one in judgements for reading in one.readings)
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
        for one in judgements:
            if one.verdict is verdict:
                return Judgement(verdict, one.reason, readings)
    return Judgement(Verdict.PASS, "", readings)


def _unusable(analysis: Analysis, counts: Counts) -> str:
    if not is_number(counts.age):
        return "Prometheus does not scrape the new release"
    if abs(counts.age) > analysis.oldest:
        return f"its metrics are {counts.age:.0f} s old, of which {analysis.oldest:.0f} s may be"
    if not is_number(counts.new):
        return "Prometheus does not count its requests"
    if counts.new < analysis.requests:
        return f"{counts.new:.0f} requests came to it, of which there must be {analysis.requests}"
    return ""


def _alone(analysis: Analysis, counted: float | None) -> str:
    """Why the new release cannot be compared with the stable one; empty where it can: few requests are no share."""
    if not is_number(counted):
        return "Prometheus does not count the requests to the stable release"
    if counted < analysis.requests:
        return f"{counted:.0f} requests came to the stable release, of which there must be {analysis.requests}"
    return ""


def _of(measure: Measure, reading: Reading, alone: str) -> Judgement:
    new, stable = reading.new, reading.stable
    if not is_number(new):
        return Judgement(Verdict.UNKNOWN, f"{measure.name} of the new release is no number")
    if measure.max is not None and new > measure.max:
        return _failed(measure, new, f"more than {measure.max:g}")
    if measure.min is not None and new < measure.min:
        return _failed(measure, new, f"less than {measure.min:g}")
    return _beside(measure, new, stable, alone) if measure.is_relative else WELL


def _beside(measure: Measure, new: float, stable: float | None, alone: str) -> Judgement:
    """What is judged of the new release by what the stable one has. A share of failures that Prometheus extrapolates
    from two counters may be a little under 0."""
    if not is_number(stable):
        return Judgement(Verdict.UNKNOWN, f"{measure.name} of the stable release is no number")
    if alone:
        return Judgement(Verdict.UNKNOWN, alone)
    if stable < 0 or (stable == 0 and new != 0 and measure.max_ratio is not None):
        told = f"{measure.name} of the stable release is {stable:g}, of which nothing is a multiple"
        is_bounded = measure.max is not None and (stable == 0 or measure.min_ratio is None)
        return WELL if is_bounded else Judgement(Verdict.UNKNOWN, told)
    if measure.max_ratio is not None and new > measure.max_ratio * stable:
        return _failed(measure, new, f"more than {measure.max_ratio:g} times the {stable:g} of the stable release")
    if measure.min_ratio is not None and new < measure.min_ratio * stable:
        return _failed(measure, new, f"less than {measure.min_ratio:g} times the {stable:g} of the stable release")
    return WELL


def _failed(measure: Measure, value: float, told: str) -> Judgement:
    return Judgement(Verdict.FAIL, f"{measure.name} is {value:g}, {told}")


def is_number(value: float | None) -> TypeGuard[float]:
    """Whether there is a number at all, and a finite one."""
    return value is not None and isfinite(value)


def stability_index(new: Mapping[float, float], stable: Mapping[float, float], least: float) -> float | None:
    """The population stability index of two histograms, as Prometheus has them: by upper bound, counts up to there.

    None where they have not the same buckets, either has fewer than ``least`` values, or a count is no finite number.
    """
    if new.keys() != stable.keys() or not new or max(new) != inf:
        return None
    shares = [_shares(one, least) for one in (new, stable)]
    if shares[0] is None or shares[1] is None:
        return None
    return sum((a - b) * log(a / b) for a, b in zip(shares[0], shares[1], strict=True))


def _shares(buckets: Mapping[float, float], least: float) -> list[float] | None:
    counts = [buckets[bound] for bound in sorted(buckets)]
    total = counts[-1]
    if not all(map(isfinite, counts)) or total <= 0 or total < least:
        return None
    each = [max(0.0, upper - lower) for lower, upper in zip([0.0, *counts], counts, strict=False)]
    return [max(LEAST_SHARE, one / total) for one in each]
