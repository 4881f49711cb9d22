"""What resources cost, by the prices that a project keeps in Git. Pure.

A month has 730 hours: 365 days of 24 hours, divided by 12. What always runs is told by the month. What runs now and
then is told by the hour, since nobody knows how long it will run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from mlgitops.capacity.amounts import BYTES
from mlgitops.capacity.footprint import Amounts
from mlgitops.capacity.pods import Classes
from mlgitops.capacity.terms import Terms

HOURS = 730
"""Hours in a month."""
_GIB = Decimal(2**30)


class Cost(NamedTuple):
    """A month with the fewest replicas and with the most, and an hour of all jobs; ``unpriced`` resources are not in
    it."""

    least: Decimal = Decimal(0)
    most: Decimal = Decimal(0)
    jobs: Decimal = Decimal(0)
    unpriced: tuple[str, ...] = ()

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        unpriced = tuple(dict.fromkeys((*self.unpriced, *other.unpriced)))
        return Cost(self.least + other.least, self.most + other.most, self.jobs + other.jobs, unpriced)

    def minus(self, other: Cost) -> Cost:
        """How much more this is."""
        unpriced = tuple(dict.fromkeys((*self.unpriced, *other.unpriced)))
        return Cost(self.least - other.least, self.most - other.most, self.jobs - other.jobs, unpriced)


def per_hour(terms: Terms) -> dict[str, Decimal]:
    """The prices of a target's resources by the names that footprints use; a class costs what its resource does,
    unless it has a price of its own."""
    if terms.prices is None:
        return {}
    own = terms.prices.per_hour
    return {**_of_classes(terms.classes, own), **own}


def cost(amounts: Iterable[tuple[str, Amounts]], prices: Mapping[str, Decimal]) -> Cost:
    """What some resources cost at one target."""
    found = Cost()
    for resource, each in amounts:
        if not any(each):
            continue
        if resource not in prices:
            found = found.plus(Cost(unpriced=(resource,)))
            continue
        one = prices[resource] / (_GIB if resource.startswith(BYTES) else 1)
        found = found.plus(Cost(each.least * one * HOURS, each.most * one * HOURS, each.jobs * one))
    return found


def _of_classes(classes: Classes, prices: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: prices[one.resource] for name, one in classes.items() if one.resource in prices}
