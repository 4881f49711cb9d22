"""Guard: what makes an environment dearer while it costs more than its budget is kept out, where the budget says so."""

from __future__ import annotations

from decimal import Decimal

from mlgitops.capacity.limits import monthly
from mlgitops.errors import GuardError
from mlgitops.plan.change import Plan
from mlgitops.plan.guards.consent import Consent


class OverBudgetError(GuardError):
    """An environment over its budget would become dearer."""


def check(plan: Plan, consent: Consent) -> None:
    """Raises ``OverBudgetError`` unless ``allow_over_budget`` was given. What makes it cheaper always passes."""
    spending = plan.spending
    if spending is None or spending.budget.level != "block" or not spending.is_over or consent.allow_over_budget:
        return
    more = dearer(plan)
    if more > 0:
        amount, bound = f"{spending.monthly:,.2f} {spending.currency}", f"{spending.budget.monthly:,.2f}"
        raise OverBudgetError(
            f"{plan.environment} would cost {amount} a month, {more:,.2f} more than now, and its budget is {bound}",
            help="Ask for less, raise spec.budget of the environment, or apply with --allow-over-budget.",
        )


def dearer(plan: Plan) -> Decimal:
    """How much more a month the changes of a plan cost by what counts for its budget; negative where it is less."""
    if plan.spending is None:
        return Decimal(0)
    budget = plan.spending.budget
    costs = ((t.account.before, t.account.after) for t in plan.targets)
    return sum((monthly(budget, after.minus(before)) for before, after in costs if before and after), Decimal(0))
