"""Guard: nothing older, and nothing from another history, is written over what a newer commit made."""

from __future__ import annotations

from collections.abc import Callable

from mlgitops.errors import GuardError
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.targets import Inventory

Follows = Callable[[str, str], bool]
"""Whether a commit is another one or follows it; False also where that is not known."""
_DIRTY = "-dirty"


class NewerCommitError(GuardError):
    """A commit was applied, or was about to be, that is not part of this one's history."""


def anything(_commit: str, _earlier: str) -> bool:
    """Every commit follows every other, where nobody asks."""
    return True


def check(plan: Plan, target: TargetPlan, inventory: Inventory, follows: Follows) -> None:
    """Raises ``NewerCommitError`` where the plan's commit does not follow what the inventory says was applied."""
    for applied in filter(None, (inventory.begun, inventory.commit)):
        if not follows(plan.commit, applied.removesuffix(_DIRTY)):
            raise NewerCommitError(
                f"{plan.commit[:12] or 'no commit'} does not follow {applied[:12]}, which was applied to "
                f"{target.target} before",
                help=f"If it is to go there all the same, a person applies it: mlgitops apply --env {plan.environment} "
                f"--target {target.target} --revision {plan.commit[:12]}",
            )
