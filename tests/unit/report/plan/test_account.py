"""What a plan says of resources, cost and budget."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlgitops.capacity.account import Account
from mlgitops.capacity.cost import Cost
from mlgitops.capacity.footprint import Amounts, Delta
from mlgitops.capacity.limits import Spending
from mlgitops.capacity.terms import Budget, PriceTable
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.report.plan.account import budget, lines, resource, total
from mlgitops.report.plan.markdown import markdown

GIB = 2**30
PRICES = PriceTable("EUR", "contract 7\x1b[31m", "2026-11-01", {"cpu": Decimal(1)})


def of(*numbers: float) -> Amounts:
    return Amounts(*(Decimal(str(number)) for number in numbers))


def plan(*accounts: Account, spending: Spending | None = None) -> Plan:
    targets = tuple(TargetPlan(f"t{n}", {}, "", (), settled=False, account=one) for n, one in enumerate(accounts))
    return Plan("shop", "prod", "", "", targets, spending=spending)


@pytest.mark.parametrize(
    ("delta", "told"),
    [
        (Delta("cpu", of(1, 1), of(2, 2)), "1 → 2, of 64"),
        (Delta("cpu", of(1, 2), of(1, 4)), "1, at most 2 → 4, of 64"),
        (Delta("a10g", of(0, 0, 1), of(0, 0, 8)), "0, in jobs 1 → 8"),
        (Delta("memory", of(GIB, GIB), of(1.5 * GIB, 1.5 * GIB)), "1Gi → 1.5Gi"),
        (Delta("cpu", of(0.1, 0.1), of(12345, 12345)), "0.1 → 12345, of 64"),
    ],
)
def test_a_resource_in_words(delta: Delta, told: str) -> None:
    assert resource(delta, Account((), {"cpu": Decimal(64)})) == told


def test_only_what_changes_or_has_a_quota_is_told_and_nothing_in_it_acts() -> None:
    same = Delta("memory", of(GIB, GIB), of(GIB, GIB))
    found = Account((Delta("cpu", of(1, 1), of(2, 2, 1)), same), {}, PRICES)
    cost = "cost: 730.00 → 1,460.00 EUR a month, jobs 0.00 → 1.00 an hour; no price for memory"
    first, second = lines(found)
    assert first == "cpu: 1 → 2, in jobs 0 → 1"
    assert second.startswith(f"{cost}; prices of 2026-11-01, contract 7")
    assert "\x1b" not in second
    assert list(lines(Account((same,), {"memory": Decimal(GIB)}, PRICES))) == ["memory: 1Gi, of 1Gi"]
    assert list(lines(Account((same,), {}, PRICES))) == []


def test_targets_are_added_up_as_far_as_they_change_and_have_prices() -> None:
    more = Account((Delta("cpu", of(1, 1), of(2, 2)),), {}, PRICES)
    assert total(plan(more, more, Account(more.resources))) == "1,460.00 → 2,920.00 EUR a month"
    assert total(plan(Account(more.resources))) == ""
    assert total(plan(Account((Delta("cpu", of(1, 1), of(1, 1)),), {}, PRICES))) == ""


@pytest.mark.parametrize(
    ("level", "monthly", "told"),
    [
        ("warn", 1000, "900.00 of 1,000.00 EUR a month with the fewest replicas, +730.00 by this plan"),
        ("warn", 800, "900.00 of 800.00 EUR a month with the fewest replicas, +730.00 by this plan: over the budget"),
        ("block", 800, "900.00 of 800.00 EUR a month with the fewest replicas, +730.00 by this plan: over the budget, "
         "which blocks"),
    ],
)  # fmt: skip
def test_the_budget_in_words(level: str, monthly: int, told: str) -> None:
    spending = Spending(Budget(Decimal(monthly), "fewest", level), Cost(Decimal(900), Decimal(9000)), "EUR")
    made = plan(Account((Delta("cpu", of(1, 1), of(2, 2)),), {}, PRICES), spending=spending)
    assert budget(made) == told
    assert budget(plan()) == ""


def test_the_accounts_of_many_targets_keep_within_the_limit_of_a_comment() -> None:
    found = Account(tuple(Delta(f"r{n}", of(1, 1), of(2, 2)) for n in range(20)), {}, PRICES)
    assert len(markdown(plan(*[found] * 300), 10_000).encode()) <= 40_000
