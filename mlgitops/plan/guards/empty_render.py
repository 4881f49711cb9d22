"""Guard: nothing was rendered at all, as when files are missing, so nothing is pruned."""

from __future__ import annotations

from mlgitops.errors import GuardError
from mlgitops.plan.change import Action, Plan, TargetPlan
from mlgitops.plan.guards.consent import Consent


class EmptyRenderError(GuardError):
    """No object is desired at a target that has some."""


def check(plan: Plan, target: TargetPlan, consent: Consent) -> None:
    """Raises ``EmptyRenderError`` unless ``allow_mass_delete`` was given.

    Objects that a selection left out were rendered, so that a plan for one model may delete all of its objects.
    """
    actions = {change.action for change in target.changes}
    if actions == {Action.DELETE} and not plan.left_out and not consent.allow_mass_delete:
        raise EmptyRenderError(
            f"nothing is desired at {target.target}, so everything there ({len(target.changes)}) would be deleted",
            help="See that no file is missing. If it is meant, apply with --allow-mass-delete.",
        )
