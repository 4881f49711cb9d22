"""Comparing what is desired with what is live: the changes of one target. Pure; no files, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Change, FieldChange, Path, TargetPlan
from mlgitops.plan.fields import differences
from mlgitops.plan.impact import impact_of
from mlgitops.targets import Inventory, InventoryEntry, Live, belongs_to, content_digest, owner_of

Selected = Callable[[Identity, str], bool]
"""Whether an object (its identity and owner) is part of what was asked for."""
Locate = Callable[[Manifest, Path], str]
"""The ``file:line`` that asks for a field of a desired manifest; empty where that is not known."""


def everything(_identity: Identity, _owner: str) -> bool:
    """The selection that leaves nothing out."""
    return True


def nowhere(_manifest: Manifest, _path: Path) -> str:
    """Where a field comes from, when nobody knows."""
    return ""


def plan_target(  # noqa: PLR0913
    target: str,
    connection: Mapping[str, Any],
    desired: Sequence[Manifest],
    live: Mapping[Identity, Live],
    inventory: Inventory,
    *,
    selected: Selected = everything,
    locate: Locate = nowhere,
) -> TargetPlan:
    """The plan of one target. ``live`` holds what exists among the desired objects and the inventory's.

    With a selection, ``desired`` holds the selected manifests only, and nothing else of the inventory is touched.
    Raises ``MlgitopsError`` where two desired manifests are the same object.
    """
    changes = compare(desired, live, inventory, selected, locate)
    kept = {change.identity for change in changes}
    obsolete = _obsolete(kept, inventory, selected)
    released = tuple(sorted(entry.identity for entry in obsolete))
    return TargetPlan(target, connection, inventory.version, changes, released, _settled(changes, inventory))


def compare(
    desired: Sequence[Manifest],
    live: Mapping[Identity, Live],
    inventory: Inventory,
    selected: Selected = everything,
    locate: Locate = nowhere,
) -> tuple[Change, ...]:
    """What has to happen to each object, by identity.

    An object of the inventory that is no longer desired is deleted only where its live labels still say that it is
    ours. Raises ``MlgitopsError`` where two desired manifests are the same object.
    """
    wanted = _by_identity(desired)
    changes = [_wanted(one, manifest, live.get(one), locate) for one, manifest in wanted.items()]
    obsolete = _obsolete(wanted, inventory, selected)
    doomed = ((entry, live[entry.identity]) for entry in obsolete if entry.identity in live)
    changes += [_deletion(entry, found) for entry, found in doomed if belongs_to(found.manifest, inventory.id)]
    return tuple(sorted(changes, key=lambda change: change.identity))


def _by_identity(manifests: Iterable[Manifest]) -> dict[Identity, Manifest]:
    found: dict[Identity, Manifest] = {}
    for manifest in manifests:
        one = identity(manifest)
        if one in found:
            raise MlgitopsError(f"{one} is rendered twice", help="Give one of the two another name.")
        found[one] = manifest
    return found


def _obsolete(wanted: Iterable[Identity], inventory: Inventory, selected: Selected) -> list[InventoryEntry]:
    kept = set(wanted)
    entries = (entry for one, entry in inventory.entries.items() if one not in kept)
    return [entry for entry in entries if selected(entry.identity, entry.owner)]


def _wanted(one: Identity, manifest: Manifest, found: Live | None, locate: Locate) -> Change:
    owner = owner_of(manifest)
    if found is None:
        return Change(one, Action.CREATE, owner, impact_of(Action.CREATE, manifest), (), manifest)
    fields = () if found.digest == content_digest(manifest) else differences(found.manifest, manifest)
    if not fields:
        return Change(one, Action.UNCHANGED, owner, impact_of(Action.UNCHANGED, manifest), live_digest=found.digest)
    impact = impact_of(Action.UPDATE, manifest, fields)
    located = tuple(_located(field, manifest, locate) for field in fields)
    return Change(one, Action.UPDATE, owner, impact, located, manifest, found.digest)


def _located(field: FieldChange, manifest: Manifest, locate: Locate) -> FieldChange:
    source = locate(manifest, field.path)
    return replace(field, source=source) if source else field


def _deletion(entry: InventoryEntry, found: Live) -> Change:
    impact = impact_of(Action.DELETE, found.manifest)
    return Change(entry.identity, Action.DELETE, owner_of(found.manifest), impact, live_digest=found.digest)


def _settled(changes: Iterable[Change], inventory: Inventory) -> bool:
    """Whether the last apply came to its end and the inventory says of each unchanged object what is there."""
    if inventory.entries and not inventory.applied_at:
        return False
    unchanged = (change for change in changes if change.action is Action.UNCHANGED)
    return all(
        (entry := inventory.entries.get(change.identity)) is not None and entry.digest == change.live_digest
        for change in unchanged
    )
