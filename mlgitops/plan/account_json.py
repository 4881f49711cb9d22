"""A target's account and an environment's spending as JSON, for the plan's file. Pure.

All numbers are text, so that none is rounded. Costs follow from the rest: they are written for whoever reads the file,
and what is read back has to agree with them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mlgitops.capacity.account import Account
from mlgitops.capacity.cost import Cost
from mlgitops.capacity.footprint import Amounts, Delta
from mlgitops.capacity.limits import Spending
from mlgitops.capacity.terms import Budget, exact, numbers, prices_from_json, prices_to_json


def to_json(account: Account) -> dict[str, Any]:
    """The account: resources before and after, the quota, the prices, and the costs that follow from them."""
    return {
        "resources": [_delta(one) for one in account.resources],
        "quota": numbers(account.quota),
        "prices": prices_to_json(account.prices),
        "cost": {"before": _cost(account.before), "after": _cost(account.after)},
    }


def from_json(data: Any) -> Account:
    """The account that ``to_json`` wrote. Raises ``ValueError`` for anything else."""
    try:
        resources = tuple(_read_delta(one) for one in data["resources"])
        account = Account(resources, exact(data["quota"]), prices_from_json(data["prices"]))
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError("its account is not one") from error
    if to_json(account) != data:
        raise ValueError("the cost in its account is not that of its resources")
    return account


def spending_to_json(spending: Spending | None) -> dict[str, Any] | None:
    """An environment's budget and its cost as it is to be."""
    if spending is None:
        return None
    budget = spending.budget
    return {
        "budget": {"monthly": f"{budget.monthly:f}", "replicas": budget.replicas, "level": budget.level},
        "currency": spending.currency,
        "cost": _cost(spending.cost),
    }


def spending_from_json(data: Any) -> Spending | None:
    """What ``spending_to_json`` wrote. Raises ``ValueError`` for anything else."""
    if data is None:
        return None
    try:
        budget, cost = data["budget"], data["cost"]
        least, most, jobs = (Decimal(cost[name]) for name in ("monthlyLeast", "monthlyMost", "jobsPerHour"))
        own = Budget(Decimal(budget["monthly"]), budget["replicas"], budget["level"])
        found = Spending(own, Cost(least, most, jobs, tuple(cost["unpriced"])), data["currency"])
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError("its spending is not one") from error
    if spending_to_json(found) != data:
        raise ValueError("its spending has fields that are unknown")
    return found


def _delta(one: Delta) -> dict[str, Any]:
    sides = {"before": one.before, "after": one.after}
    return {"resource": one.resource, **{side: numbers(each._asdict()) for side, each in sides.items()}}


def _read_delta(data: Any) -> Delta:
    before, after = (Amounts(**exact(data[side])) for side in ("before", "after"))
    return Delta(str(data["resource"]), before, after)


def _cost(cost: Cost | None) -> dict[str, Any] | None:
    if cost is None:
        return None
    amounts = {"monthlyLeast": cost.least, "monthlyMost": cost.most, "jobsPerHour": cost.jobs}
    return {**{name: f"{round(value, 9):f}" for name, value in amounts.items()}, "unpriced": list(cost.unpriced)}
