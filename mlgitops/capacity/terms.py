"""What holds at a target beside its manifests: accelerator classes, quota, prices; and an environment's budget. Pure.

A rendering carries them, so that whoever plans, proposes or checks uses the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mlgitops.capacity.pods import AcceleratorClass


@dataclass(frozen=True, slots=True)
class PriceTable:
    """What an hour of one core, GiB or piece costs at a target, by resource; ``source`` and ``as_of`` say since when
    and by whose word. Every currency is one of ISO 4217."""

    currency: str
    source: str
    as_of: str
    per_hour: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds at one target. ``queued`` says that jobs wait until there is room for them (Kueue); ``queue`` is what
    its ClusterQueue lets one job have, where that is among the manifests."""

    classes: Mapping[str, AcceleratorClass] = field(default_factory=dict)
    quota: Mapping[str, Decimal] = field(default_factory=dict)
    prices: PriceTable | None = None
    queued: bool = False
    queue: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """What an environment may cost a month. ``replicas`` is ``fewest`` or ``most``, ``level`` ``warn`` or ``block``."""

    monthly: Decimal
    replicas: str = "fewest"
    level: str = "warn"


NO_TERMS = Terms()


def to_json(terms: Terms) -> dict[str, Any]:
    """The terms as plain JSON data."""
    return {
        "classes": {name: [one.resource, dict(one.node_selector)] for name, one in terms.classes.items()},
        "quota": numbers(terms.quota),
        "prices": prices_to_json(terms.prices),
        "queued": terms.queued,
        "queue": numbers(terms.queue),
    }


def from_json(data: Mapping[str, Any]) -> Terms:
    """The terms that ``to_json`` wrote. Raises ``KeyError`` or ``ValueError`` on other data."""
    classes = {name: AcceleratorClass(resource, labels) for name, (resource, labels) in data["classes"].items()}
    prices, queue = prices_from_json(data["prices"]), exact(data["queue"])
    return Terms(classes, exact(data["quota"]), prices, data["queued"], queue)


def prices_to_json(prices: PriceTable | None) -> dict[str, Any] | None:
    """A table as plain JSON data; the numbers are text, so that none is rounded."""
    if prices is None:
        return None
    about = {"currency": prices.currency, "source": prices.source, "asOf": prices.as_of}
    return {**about, "perHour": numbers(prices.per_hour)}


def prices_from_json(data: Mapping[str, Any] | None) -> PriceTable | None:
    """The table that ``prices_to_json`` wrote. Raises ``KeyError`` or ``ValueError`` on other data."""
    if data is None:
        return None
    if data.keys() != {"currency", "source", "asOf", "perHour"}:
        raise ValueError("a price table has a currency, a source, asOf and perHour")
    return PriceTable(str(data["currency"]), str(data["source"]), str(data["asOf"]), exact(data["perHour"]))


def budget_to_json(budget: Budget | None) -> list[str] | None:
    """A budget as plain JSON data."""
    return None if budget is None else [f"{budget.monthly:f}", budget.replicas, budget.level]


def budget_from_json(data: list[str] | None) -> Budget | None:
    """The budget that ``budget_to_json`` wrote."""
    return None if data is None else Budget(Decimal(data[0]), data[1], data[2])


def numbers(values: Mapping[str, Decimal]) -> dict[str, str]:
    """Exact numbers as text."""
    return {name: f"{value.normalize():f}" for name, value in values.items()}


def exact(values: Mapping[str, str]) -> dict[str, Decimal]:
    """Text as exact numbers. Raises ``ValueError``."""
    try:
        return {name: Decimal(value) for name, value in values.items()}
    except (ArithmeticError, TypeError, AttributeError) as error:
        raise ValueError("a number is expected") from error
