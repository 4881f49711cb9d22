"""What a change of resources costs, by the price table that a project keeps in Git. Pure.

As if everything ran all the time: what runs now and then costs less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from mlgitops.promotion.footprint import Delta

HOURS = 24
_GIB = Decimal(2**30)
_BYTES = ("memory", "ephemeral-storage", "hugepages-")
"""Resources that a footprint counts in bytes, and a price list in GiB."""


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by target, then by resource: of one core, GiB or piece for an hour, in one currency (ISO 4217)."""

    currency: str
    targets: Mapping[str, Mapping[str, Decimal]]


class Cost(NamedTuple):
    """What a day costs more (less, where negative): with the fewest replicas, and with the most.

    ``unpriced`` are the resources that change and have no price, each as a target and the resource's name.
    """

    least: Decimal
    most: Decimal
    unpriced: tuple[tuple[str, str], ...] = ()


def cost(resources: Iterable[tuple[str, Sequence[Delta]]], prices: PriceList) -> Cost:
    """What the changed resources of some targets cost together."""
    least = most = Decimal(0)
    unpriced = []
    for target, changed in resources:
        known = prices.targets.get(target, {})
        for delta in changed:
            if delta.resource not in known:
                unpriced.append((target, delta.resource))
                continue
            one = known[delta.resource] * HOURS / (_GIB if delta.resource.startswith(_BYTES) else 1)
            least += (delta.after - delta.before) * one
            most += (delta.most_after - delta.most_before) * one
    return Cost(least, most, tuple(unpriced))
