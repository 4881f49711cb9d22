"""How the rollout of a release is to go at one target: steps, measures and their queries. Frozen data, and its JSON.

A rendering carries them, so that whoever steps does not have to know the specs. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """Percent of requests that the new release answers, or gets copies of, and for how long measures have to hold."""

    weight: int
    mirror: int
    hold: float


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured: PromQL for either release, and bounds. A ``histogram`` gives buckets, by ``le``, of each."""

    name: str
    new: str
    stable: str = ""
    histogram: bool = False
    max: float | None = None
    min: float | None = None
    max_ratio: float | None = None
    min_ratio: float | None = None

    @property
    def is_relative(self) -> bool:
        """Whether the new release is compared with the stable one."""
        return self.max_ratio is not None or self.min_ratio is not None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is measured, and how often.

    ``counted`` is PromQL for the requests to the new release in the window, of which there must be ``requests``, and
    ``beside`` the same of the stable one, where both are compared; ``age`` is PromQL for the seconds since the new
    one's metrics were scraped, of which there may be ``oldest``. ``failures`` is after how many measurements
    in a row outside a bound the rollout ends.
    """

    interval: float
    failures: int
    requests: int
    counted: str
    age: str
    oldest: float
    measures: tuple[Measure, ...]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A Prometheus: its address, and the environment variable with its token, empty where it takes none."""

    url: str
    token_from: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The rollout of one model at one target.

    ``identity`` is a digest of both releases and the steps: another one is another rollout. ``new`` and ``stable`` are
    their versions, ``instance`` the InferenceService of the new release, ``release`` its digest, and ``bearer`` the
    kind and name of the object that shares requests out.
    """

    model: str
    identity: str
    new: str
    stable: str
    release: str
    instance: str
    bearer: tuple[str, str]
    steps: tuple[Step, ...]
    analysis: Analysis | None = None
    server: Server | None = None

    @property
    def owner(self) -> str:
        """``Model/NAME``."""
        return f"Model/{self.model}"

    @property
    def interval(self) -> float:
        """Seconds between two looks at it."""
        return self.analysis.interval if self.analysis else LOOK


LOOK = 10.0
"""Seconds between two looks where nothing is measured, and time alone counts."""


def to_json(terms: Terms) -> dict[str, Any]:
    """The terms as plain JSON data."""
    return asdict(terms)


def from_json(data: Mapping[str, Any]) -> Terms:
    """The terms that ``to_json`` gave. Raises ``KeyError`` or ``TypeError`` on other data."""
    analysis, server = data["analysis"], data["server"]
    kind, name = data["bearer"]
    own = {
        "bearer": (kind, name),
        "steps": tuple(Step(**one) for one in data["steps"]),
        "analysis": _analysis(analysis) if analysis else None,
        "server": Server(**server) if server else None,
    }
    return Terms(**{**data, **own})


def _analysis(data: Mapping[str, Any]) -> Analysis:
    return Analysis(**{**data, "measures": tuple(Measure(**one) for one in data["measures"])})
