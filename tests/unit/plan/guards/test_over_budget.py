from __future__ import annotations

from decimal import Decimal

import pytest

from mlgitops.capacity.account import Account
from mlgitops.capacity.cost import Cost
from mlgitops.capacity.footprint import Amounts, Delta
from mlgitops.capacity.limits import Spending
from mlgitops.capacity.terms import Budget, PriceTable
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.guards import Consent
from mlgitops.plan.guards.over_budget import OverBudgetError, check, dearer

PRICES = PriceTable("EUR", "contract 7", "2026-11-01", {"cpu": Decimal(1)})


def cores(least: int, most: int) -> Amounts:
    return Amounts(Decimal(least), Decimal(most))


def planned(before: Amounts, after: Amounts, budget: Budget | None, cost: int) -> Plan:
    target = TargetPlan("aws", {}, "", (), account=Account((Delta("cpu", before, after),), {}, PRICES))
    unread = TargetPlan("gcp", {}, "", (), error="no answer")
    spending = Spending(budget, Cost(Decimal(cost), Decimal(10 * cost)), "EUR") if budget else None
    return Plan("shop", "prod", "", "", (target, unread), spending=spending)


@pytest.mark.parametrize(
    ("before", "after", "cost", "replicas", "level", "refused"),
    [
        (cores(1, 1), cores(2, 2), 900, "fewest", "block", False),
        (cores(1, 1), cores(2, 2), 1001, "fewest", "block", True),
        (cores(1, 1), cores(2, 2), 900, "most", "block", True),
        (cores(1, 1), cores(2, 2), 1001, "fewest", "warn", False),
        (cores(2, 2), cores(2, 2), 1001, "fewest", "block", False),
        (cores(2, 2), cores(1, 9), 1001, "fewest", "block", False),
    ],
)
def test_over_the_budget_only_what_makes_it_dearer_needs_consent(
    before: Amounts, after: Amounts, cost: int, replicas: str, level: str, refused: bool
) -> None:
    plan = planned(before, after, Budget(Decimal(1000), replicas, level), cost)
    check(plan, Consent(allow_over_budget=True))
    if not refused:
        check(plan, Consent())
        return
    with pytest.raises(OverBudgetError, match=r"730\.00 more than now, and its budget is 1,000\.00") as stopped:
        check(plan, Consent())
    assert "--allow-over-budget" in stopped.value.help


def test_without_a_budget_nothing_is_asked() -> None:
    plan = planned(cores(1, 1), cores(9, 9), None, 0)
    check(plan, Consent())
    assert dearer(plan) == 0
