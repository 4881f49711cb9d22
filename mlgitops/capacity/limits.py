"""Where what is asked for is more than a quota, or costs more than a budget. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from mlgitops.capacity.cost import Cost, cost, per_hour
from mlgitops.capacity.footprint import Amounts, Footprint, deltas
from mlgitops.capacity.pods import Classes
from mlgitops.capacity.terms import Budget, Terms

SINGLE = "by a single job"
QUEUED = f"{SINGLE} in Kueue's queue"


class Excess(NamedTuple):
    """A resource of which more is asked for than the quota has. ``certain`` is what cannot run at all; ``what`` it is
    in words, and ``whose`` the job's ``Kind/name`` where it is a single one."""

    resource: str
    asked: Decimal
    quota: Decimal
    certain: bool
    what: str
    whose: str = ""


def over_quota(found: Footprint, terms: Terms) -> Iterator[Excess]:
    """At most one excess a resource of the quota, the certain one first, and one of the queue.

    Certain is what always runs with the fewest replicas, and a single pod or job. Possible is that with the most
    replicas, and with every job at once where nothing queues them. A quota by a resource is for all of its classes.
    """
    possible = found.most if terms.queued else found.all_at_once
    beside = "" if terms.queued else " and every job"
    kinds = (
        (found.least, True, "with the fewest replicas"),
        (found.largest, True, SINGLE),
        (possible, False, f"with the most replicas{beside}"),
    )
    for resource, quota in terms.quota.items():
        asked = ((_of(side, resource, terms.classes), certain, what) for side, certain, what in kinds)
        worst = next(((number, certain, what) for number, certain, what in asked if number > quota), None)
        if worst is not None:
            whose = _whose(found, resource, terms.classes) if worst[2] == SINGLE else ""
            yield Excess(resource, worst[0], quota, worst[1], worst[2], whose)
    for resource, quota in terms.queue.items():
        largest = _of(found.largest, resource, terms.classes)
        if largest > quota:
            whose = _whose(found, resource, terms.classes)
            yield Excess(resource, largest, quota, certain=True, what=QUEUED, whose=whose)


def _of(side: Mapping[str, Decimal], resource: str, classes: Classes) -> Decimal:
    return sum((side.get(name, Decimal(0)) for name in _names(resource, classes)), Decimal(0))


def _whose(found: Footprint, resource: str, classes: Classes) -> str:
    return next((found.largest_is[name] for name in _names(resource, classes) if name in found.largest_is), "")


def _names(resource: str, classes: Classes) -> Iterable[str]:
    """The resource, and the classes of accelerators that are it."""
    return dict.fromkeys((resource, *(name for name, one in classes.items() if one.resource == resource)))


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget, and what the whole environment costs a month as it is to be."""

    budget: Budget
    cost: Cost
    currency: str

    @property
    def monthly(self) -> Decimal:
        """The cost that counts for the budget."""
        return monthly(self.budget, self.cost)

    @property
    def is_over(self) -> bool:
        """Whether it is more than the budget."""
        return self.monthly > self.budget.monthly


def monthly(budget: Budget, of: Cost) -> Decimal:
    """The cost that counts for a budget: with the fewest replicas, or with the most."""
    return of.most if budget.replicas == "most" else of.least


def spending(budget: Budget, targets: Iterable[tuple[str, Footprint, Terms]]) -> Spending:
    """What the targets cost together; what has no price is named with its target."""
    total, currency = Cost(), ""
    for target, found, terms in targets:
        one = total_cost(found, terms)
        unpriced = tuple(f"{resource} at {target}" for resource in one.unpriced)
        total = total.plus(one._replace(unpriced=unpriced))
        currency = currency or (terms.prices.currency if terms.prices else "")
    return Spending(budget, total, currency)


def total_cost(found: Footprint, terms: Terms) -> Cost:
    """What everything at one target costs."""
    nothing = Footprint({}, {}, {}, {})
    amounts: Iterable[tuple[str, Amounts]] = ((one.resource, one.after) for one in deltas(nothing, found))
    return cost(amounts, per_hour(terms))
