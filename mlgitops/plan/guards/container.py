"""Guard: a namespace or a definition is not deleted while there is something in it that would go with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from mlgitops.errors import GuardError
from mlgitops.manifest import Identity
from mlgitops.plan.change import Change, TargetPlan

CONTAINERS = frozenset({("", "Namespace"), ("apiextensions.k8s.io", "CustomResourceDefinition")})


class ContainerError(GuardError):
    """Deleting an object would delete others that the plan does not speak of."""


def emptied(plan: TargetPlan) -> list[Change]:
    """The changes that delete a namespace or a definition."""
    return [change for change in plan.changes if change.deletes and change.identity[:2] in CONTAINERS]


def check(plan: TargetPlan, inside: Mapping[Identity, Collection[Identity]]) -> None:
    """Raises ``ContainerError`` where a container that goes holds what does not go by this plan; counted by kind."""
    going = {change.identity for change in plan.changes if change.deletes}
    for container, held in inside.items():
        kept = Counter(one.kind for one in held if one not in going)
        if kept:
            counts = ", ".join(f"{number} {kind}" for kind, number in sorted(kept.items()))
            raise ContainerError(
                f"{container} at {plan.target} still holds {kept.total()} objects that would go with it: {counts}",
                help="Remove them, or keep it in Git.",
            )
