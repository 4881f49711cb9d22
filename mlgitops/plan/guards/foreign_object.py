"""Guard: an object that is already there, but that we never applied, is somebody else's."""

from __future__ import annotations

from mlgitops.errors import GuardError
from mlgitops.plan.change import TargetPlan
from mlgitops.plan.guards.consent import Consent
from mlgitops.targets import Inventory


class ForeignObjectError(GuardError):
    """A desired object exists and is not in the inventory."""


def check(plan: TargetPlan, inventory: Inventory, consent: Consent) -> None:
    """Raises ``ForeignObjectError`` unless ``adopt`` was given."""
    foreign = [c.identity for c in plan.changes if c.live_version and c.identity not in inventory.entries]
    if foreign and not consent.adopt:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise ForeignObjectError(
            f"{foreign[0]}{more} at {plan.target} exists, but was not applied by {inventory.id}",
            help="Rename or remove it, or take it over with --adopt.",
        )
