"""Guard: the plan was made from something that is no longer so."""

from __future__ import annotations

from collections.abc import Mapping

from mlgitops.errors import StalePlanError
from mlgitops.manifest import Identity
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.targets import Inventory, Live, same_version

_HELP = "Plan again."


def check_source(plan: Plan, commit: str, rendered_digest: str) -> None:
    """Raises ``StalePlanError`` where the project's commit or what it renders to is not what was planned."""
    if commit != plan.commit:
        raise StalePlanError(f"the commit moved from {plan.commit or 'none'} to {commit or 'none'}", help=_HELP)
    if rendered_digest != plan.rendered_digest:
        raise StalePlanError("what the project renders to moved after the plan was made", help=_HELP)


def check_target(plan: TargetPlan, inventory: Inventory, live: Mapping[Identity, Live]) -> None:
    """Raises ``StalePlanError`` where the inventory or a live object is not what was planned for."""
    if inventory.version != plan.inventory_version:
        raise StalePlanError(f"the inventory of {plan.target} moved: somebody applied since the plan", help=_HELP)
    moved = [c.identity for c in plan.changes if not same_version(_version(live.get(c.identity)), c.live_version)]
    if moved:
        more = f" and {len(moved) - 1} more" if len(moved) > 1 else ""
        raise StalePlanError(f"{moved[0]}{more} at {plan.target} moved after the plan was made", help=_HELP)


def _version(live: Live | None) -> str:
    return live.version if live else ""
