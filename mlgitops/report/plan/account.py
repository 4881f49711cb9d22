"""What targets are asked for, against their quotas, and what that costs, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from mlgitops.capacity.account import Account
from mlgitops.capacity.amounts import written
from mlgitops.capacity.cost import Cost
from mlgitops.capacity.footprint import Delta
from mlgitops.capacity.limits import Spending
from mlgitops.plan.change import Plan
from mlgitops.plan.guards.over_budget import dearer
from mlgitops.report.inert import line

MOST_UNPRICED = 4
"""Resources without a price that are named."""


def shown(account: Account) -> list[Delta]:
    """The resources to tell of: those that change, and those that have a quota."""
    return [one for one in account.resources if one.changes or one.resource in account.quota]


def resource(one: Delta, account: Account) -> str:
    """``2 → 4, at most 8, of 64``: with the fewest replicas, with the most, in jobs, and the quota."""
    before, after = one.before, one.after
    parts = [_pair(one, before.least, after.least)]
    if (before.least, after.least) != (before.most, after.most):
        parts.append(f"at most {_pair(one, before.most, after.most)}")
    if before.jobs or after.jobs:
        parts.append(f"in jobs {_pair(one, before.jobs, after.jobs)}")
    if one.resource in account.quota:
        parts.append(f"of {written(one.resource, account.quota[one.resource])}")
    return ", ".join(parts)


def lines(account: Account) -> Iterator[str]:
    """One line a resource, and one about the cost."""
    for one in shown(account):
        yield line(f"{one.resource}: {resource(one, account)}")
    if account.changed and (before := account.before) is not None and (after := account.after) is not None:
        assert account.prices is not None
        prices = account.prices
        yield line(f"cost: {cost(before, after, prices.currency)}; prices of {prices.as_of}, {prices.source}")


def total(plan: Plan) -> str:
    """What all targets whose resources change cost before and after; empty where none does or nobody keeps prices."""
    accounts = [target.account for target in plan.targets if target.account.changed]
    priced = [(one.before, one.after, one.prices) for one in accounts]
    before, after, currency = Cost(), Cost(), ""
    for old, new, prices in priced:
        if old is not None and new is not None and prices is not None:
            before, after, currency = before.plus(old), after.plus(new), prices.currency
    return line(cost(before, after, currency)) if currency else ""


def cost(before: Cost, after: Cost, currency: str) -> str:
    """``100.00 → 200.00 EUR a month, at most 400.00, jobs 1.20 an hour``, and what has no price."""
    parts = [f"{_money(before.least, after.least)} {currency} a month"]
    if (before.least, after.least) != (before.most, after.most):
        parts.append(f"at most {_money(before.most, after.most)}")
    if before.jobs or after.jobs:
        parts.append(f"jobs {_money(before.jobs, after.jobs)} an hour")
    unpriced = before.plus(after).unpriced
    return ", ".join(parts) + (f"; {without_price(unpriced)}" if unpriced else "")


def without_price(names: Iterable[str]) -> str:
    """What has no price."""
    named = list(names)
    return f"no price for {', '.join(named[:MOST_UNPRICED])}" + (", …" if len(named) > MOST_UNPRICED else "")


def budget(plan: Plan) -> str:
    """How the environment's cost stands to its budget; empty where it has none."""
    spending = plan.spending
    if spending is None:
        return ""
    told = f"{_of_budget(spending)}, {dearer(plan):+,.2f} by this plan"
    if not spending.is_over:
        return line(told)
    return line(f"{told}: over the budget" + (", which blocks" if spending.budget.level == "block" else ""))


def _of_budget(spending: Spending) -> str:
    budget = spending.budget
    cost = f"{spending.monthly:,.2f} of {budget.monthly:,.2f} {spending.currency} a month"
    return f"{cost} with the {budget.replicas} replicas"


def _pair(one: Delta, before: Decimal, after: Decimal) -> str:
    old, new = written(one.resource, before), written(one.resource, after)
    return old if before == after else f"{old} → {new}"


def _money(before: Decimal, after: Decimal) -> str:
    old, new = f"{before:,.2f}", f"{after:,.2f}"
    return old if old == new else f"{old} → {new}"
