"""What stops an apply that looks like an accident: one guard a module, each with its own error."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mlgitops.manifest import Identity
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.guards import (
    ancestry,
    container,
    empty_render,
    foreign_object,
    mass_delete,
    over_budget,
    replace,
    stale,
    withheld,
)
from mlgitops.plan.guards.consent import NO_CONSENT, Consent
from mlgitops.targets import Inventory, Live

__all__ = ["NO_CONSENT", "Consent", "check_inside", "check_plan", "check_target"]


def check_plan(plan: Plan, consent: Consent = NO_CONSENT) -> None:
    """The guards that need the plan alone. Raises ``GuardError``."""
    withheld.check(plan)
    over_budget.check(plan, consent)


def check_target(
    plan: Plan, target: TargetPlan, inventory: Inventory, live: Mapping[Identity, Live], consent: Consent
) -> None:
    """The guards of one target. Raises ``StalePlanError`` or ``GuardError``."""
    ancestry.check(plan, target, inventory, consent.over)
    stale.check_target(target, inventory, live)
    foreign_object.check(target, inventory, consent)
    empty_render.check(plan, target, consent)
    mass_delete.check(target, inventory, consent)
    replace.check(target, consent)


def check_inside(target: TargetPlan, inside: Mapping[Identity, Collection[Identity]]) -> None:
    """The guard of namespaces and definitions, by what is in those that go. Raises ``GuardError``."""
    container.check(target, inside)
