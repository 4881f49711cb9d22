"""What gates said about a release, and how its metrics compare with those of the release that runs. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What a gate says: ``WARN`` is shown and stops nothing, ``BLOCK`` keeps the release out."""

    OK = "pass"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate: its name and verdict, the value that it looked at and the bound, as text, and what that means."""

    name: str
    verdict: Verdict
    value: str = ""
    bound: str = ""
    message: str = ""


class Measured(NamedTuple):
    """What the evidence of a release says: numbers by name, and the digest of the data that they were measured on.

    ``lower_is_better`` names the metrics of which a smaller value is a better one.
    """

    metrics: Mapping[str, float]
    data_digest: str
    lower_is_better: frozenset[str] = frozenset()


class MetricRow(NamedTuple):
    """One metric of both releases; None where one has not measured it. ``lower`` says that a smaller one is better."""

    name: str
    candidate: float | None
    champion: float | None
    lower: bool = False

    @property
    def difference(self) -> float | None:
        """How much more the proposed release has; None where one has not measured it."""
        return None if self.candidate is None or self.champion is None else self.candidate - self.champion

    @property
    def better(self) -> bool:
        """Whether the proposed release is better."""
        difference = self.difference or 0.0
        return difference < 0 if self.lower else difference > 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The metrics of both side by side. ``not_comparable`` says why their numbers say nothing about each other.

    ``data_digest`` is of the data that both were measured on, where they can be compared.
    """

    rows: tuple[MetricRow, ...] = ()
    not_comparable: str = ""
    data_digest: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that is known about a release besides the release: its gates, its metrics, its evidence's digest.

    ``evidence_digest`` is ``sha256:…`` of the evidence file's bytes, empty where there is none.
    """

    gates: tuple[GateResult, ...] = ()
    comparison: Comparison = field(default_factory=Comparison)
    evidence_digest: str = ""

    @property
    def blocking(self) -> tuple[GateResult, ...]:
        """The gates that do not let it through."""
        return tuple(gate for gate in self.gates if gate.verdict is Verdict.BLOCK)


def compare(candidate: Measured | None, champion: Measured | None) -> Comparison:
    """Both releases' metrics, comparable only where they were measured on the same data."""
    if candidate is None and champion is None:
        return Comparison(not_comparable="no evidence has metrics")
    mine, other = (one.metrics if one else {} for one in (candidate, champion))
    lower = frozenset[str]().union(*(one.lower_is_better for one in (candidate, champion) if one))
    rows = tuple(MetricRow(name, mine.get(name), other.get(name), name in lower) for name in sorted({*mine, *other}))
    why_not = _why_not(candidate, champion)
    return Comparison(rows, why_not, candidate.data_digest if candidate and not why_not else "")


def _why_not(candidate: Measured | None, champion: Measured | None) -> str:
    if candidate is None or champion is None:
        return f"there is no evidence of the {'proposed' if candidate is None else 'running'} release"
    if not candidate.data_digest or not champion.data_digest:
        return "the evidence does not say on which data it was measured"
    return "" if candidate.data_digest == champion.data_digest else "they were measured on different data"
