"""Guard: a plan that deletes more than half of what there is looks like an accident."""

from __future__ import annotations

from mlgitops.errors import GuardError
from mlgitops.plan.change import Action, TargetPlan
from mlgitops.plan.guards.consent import Consent
from mlgitops.targets import Inventory


class MassDeleteError(GuardError):
    """More than half of a target's inventory, and at least two objects, would be deleted."""


def check(plan: TargetPlan, inventory: Inventory, consent: Consent) -> None:
    """Raises ``MassDeleteError`` unless ``allow_mass_delete`` was given."""
    deletes = sum(change.action is Action.DELETE for change in plan.changes)
    if deletes >= 2 and deletes * 2 > len(inventory.entries) and not consent.allow_mass_delete:
        raise MassDeleteError(
            f"{deletes} of {len(inventory.entries)} objects at {plan.target} would be deleted",
            help="If that is meant, apply with --allow-mass-delete.",
        )
