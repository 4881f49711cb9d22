"""One target's account: what is asked for before and after, beside its quota, and what that costs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mlgitops.capacity.cost import Cost, cost, per_hour
from mlgitops.capacity.footprint import Delta, deltas, footprint
from mlgitops.capacity.terms import PriceTable, Terms
from mlgitops.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Account:
    """``resources`` are all that are asked for before or after. ``quota`` is by resource, empty where there is none or
    where only a part of the target was looked at. ``prices`` are by the names that resources have here."""

    resources: tuple[Delta, ...] = ()
    quota: Mapping[str, Decimal] = field(default_factory=dict)
    prices: PriceTable | None = None

    @property
    def changed(self) -> tuple[Delta, ...]:
        """The resources that change."""
        return tuple(one for one in self.resources if one.changes)

    @property
    def before(self) -> Cost | None:
        """What all of it costs now; None where nobody keeps prices."""
        return self._cost("before")

    @property
    def after(self) -> Cost | None:
        """What all of it costs then; None where nobody keeps prices."""
        return self._cost("after")

    def _cost(self, side: str) -> Cost | None:
        if self.prices is None:
            return None
        return cost(((one.resource, getattr(one, side)) for one in self.resources), self.prices.per_hour)


NO_ACCOUNT = Account()


def account(before: Iterable[Manifest], after: Iterable[Manifest], terms: Terms, *, whole: bool = True) -> Account:
    """The account of a target with these manifests before and after; with its quota where they are its ``whole``.

    Where both are the same collection, they are looked at once.
    """
    then = footprint(after, terms.classes)
    found = deltas(then if before is after else footprint(before, terms.classes), then)
    return Account(found, dict(terms.quota) if whole else {}, priced(terms))


def priced(terms: Terms) -> PriceTable | None:
    """The target's prices by the names that resources have in a footprint."""
    table = terms.prices
    return PriceTable(table.currency, table.source, table.as_of, per_hour(terms)) if table else None
