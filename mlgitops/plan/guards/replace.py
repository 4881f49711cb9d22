"""Guard: what cannot be changed in place is deleted only where that was agreed to."""

from __future__ import annotations

from mlgitops.errors import GuardError
from mlgitops.plan.change import Action, TargetPlan
from mlgitops.plan.guards.consent import Consent


class ReplaceError(GuardError):
    """An object has to be deleted and made anew."""


def check(plan: TargetPlan, consent: Consent) -> None:
    """Raises ``ReplaceError`` unless ``allow_replace`` was given."""
    replaced = [change.identity for change in plan.changes if change.action is Action.REPLACE]
    if replaced and not consent.allow_replace:
        more = f" and {len(replaced) - 1} more" if len(replaced) > 1 else ""
        raise ReplaceError(
            f"{replaced[0]}{more} at {plan.target} cannot be changed in place: it has to be deleted and made anew",
            help="If it may be gone for that while, apply with --allow-replace.",
        )
