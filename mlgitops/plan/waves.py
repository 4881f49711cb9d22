"""In which waves the changes of a target are made: a model only after the models that it depends on. Pure.

What a model depends on is written on its manifests, as an annotation, so that a saved plan knows it as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from mlgitops.manifest import ANNOTATION_DEPENDS_ON
from mlgitops.plan.change import Change
from mlgitops.plan.order import in_apply_order


def dependencies(changes: Iterable[Change]) -> dict[str, frozenset[str]]:
    """Of each owner among the changes, the owners that it depends on (``Model/NAME``)."""
    found: dict[str, frozenset[str]] = {}
    for change in changes:
        names = _named(change)
        if names:
            found[change.owner] = found.get(change.owner, frozenset()) | {f"Model/{name}" for name in names}
    return found


def _named(change: Change) -> list[str]:
    annotations = ((change.desired or {}).get("metadata") or {}).get("annotations") or {}
    return [name for name in annotations.get(ANNOTATION_DEPENDS_ON, "").split(",") if name]


def waves(changes: Iterable[Change], depends_on: Mapping[str, Collection[str]]) -> list[list[Change]]:
    """The changes that do something, in waves; each wave in apply order, deletes at the end of the last.

    What nobody's model depends on, and shared objects, are in the first wave. A dependency on what does not change does
    not hold anything back. Owners that depend on each other (``check`` refuses them) come together.
    """
    ordered = in_apply_order(changes)
    writes = [change for change in ordered if change.writes]
    levels = _levels({change.owner for change in writes}, depends_on)
    made = [[change for change in writes if change.owner in owners] for owners in levels]
    deletes = [change for change in ordered if not change.writes]
    if not deletes:
        return made
    return [*made[:-1], [*made[-1], *deletes]] if made else [deletes]


def _levels(owners: Collection[str], depends_on: Mapping[str, Collection[str]]) -> Sequence[set[str]]:
    """The owners by how long their longest chain of dependencies is, the shortest first."""
    left, levels = set(owners), []
    while left:
        free = {owner for owner in left if not (set(depends_on.get(owner, ())) & left) - {owner}} or set(left)
        levels.append(free)
        left -= free
    return levels
