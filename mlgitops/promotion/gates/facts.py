"""All that gates look at, as frozen data: nothing else decides whether a release passes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from mlgitops.promotion.evidence import metrics_of
from mlgitops.spec.promotion import Freeze, Window


class MissingError(Exception):
    """A datum that a gate needs is not there; says which, in words that follow the gate's name."""


@dataclass(frozen=True, slots=True)
class Side:
    """A release and its evidence, both as JSON data. ``problem`` says why there is no evidence."""

    release: Mapping[str, Any]
    evidence: Mapping[str, Any] | None = None
    problem: str = "there is no evidence"

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics by name."""
        return metrics_of(self.evidence) if self.evidence else {}

    def measured(self, *keys: str) -> Any:
        """What the evidence says at a path of keys. Raises ``MissingError``."""
        if self.evidence is None:
            raise MissingError(self.problem)
        value: Any = self.evidence
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None or value in ([], ""):
            raise MissingError(f"the evidence does not say {'.'.join(keys)}")
        return value

    def metric(self, name: str) -> Mapping[str, Any]:
        """A metric as the evidence has it. Raises ``MissingError``."""
        found = [item for item in self.measured("metrics") if item["name"] == name]
        if not found:
            raise MissingError(f"the evidence has no metric '{name}'")
        one: Mapping[str, Any] = found[0]
        return one

    def released(self, *keys: str) -> Any:
        """What the release says at a path of keys. Raises ``MissingError``."""
        value: Any = self.release
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None or value == "":
            raise MissingError(f"the release does not say {'.'.join(keys)}")
        return value


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a target would be asked for at most once the release is there: amounts by resource."""

    target: str
    asked: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when a release wants to come to an environment.

    ``source`` is the environment that it comes from, empty for a release from training. ``champion`` is what runs now,
    None for a first release. ``governance`` is the model's, as it would be there. ``arrived`` is when this release came
    to ``source`` on the protected branch, None where it never did; ``held`` says that it is on hold there.
    ``zones`` are the time zones that windows and freezes name, as far as they are known. ``now`` has a zone.
    ``capacity`` is None where nobody worked it out.
    """

    model: str
    environment: str
    source: str
    now: datetime
    candidate: Side
    champion: Side | None = None
    governance: Mapping[str, Any] = field(default_factory=dict)
    arrived: datetime | None = None
    held: bool = False
    windows: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    capacity: tuple[Capacity, ...] | None = None


def moment(text: str) -> datetime:
    """An RFC 3339 time. Raises ``MissingError`` for what is none, such as the 31st of a month of 30 days."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MissingError(f"'{text}' is no time") from None
    if found.tzinfo is None:
        raise MissingError(f"'{text}' has no time zone")
    return found
