"""Comparing what is desired with what is live: the changes of one target. Pure; no files, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import ANNOTATION_SOURCE_COMMIT, Identity, Manifest, identity
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Path, TargetPlan
from mlgitops.plan.containment import contains
from mlgitops.plan.fields import differences
from mlgitops.plan.impact import impact_of
from mlgitops.plan.ledger import is_done
from mlgitops.render.rendering import stamped
from mlgitops.targets import (
    Inventory,
    InventoryEntry,
    Live,
    Preview,
    belongs_to,
    content_digest,
    owner_of,
    uid_of,
    without_stamp,
)

Selected = Callable[[Identity, str], bool]
"""Whether an object (its identity and owner) is part of what was asked for."""
Locate = Callable[[Manifest, Path], str]
"""The ``file:line`` that asks for a field of a desired manifest; empty where that is not known."""
Ask = Callable[[Sequence[Manifest]], Mapping[Identity, Preview]]
"""What a target says would become of manifests."""


def unasked(_manifests: Sequence[Manifest]) -> Mapping[Identity, Preview]:
    """What a target says that nobody asks."""
    return {}


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
    preview: Ask = unasked,
    *,
    rehearse: bool = True,
    selected: Selected = everything,
    locate: Locate = nowhere,
) -> TargetPlan:
    """The plan of one target. ``live`` holds what exists among the desired objects and the inventory's.

    ``preview`` asks the target about what may not be as the manifests say; of objects that are not there only if
    ``rehearse`` says so. With a selection, ``desired`` holds the selected manifests only, and nothing else of the
    inventory is touched. Raises ``MlgitopsError`` where two desired manifests are the same object.
    """
    changes = compare(desired, live, inventory, preview, rehearse=rehearse, selected=selected, locate=locate)
    kept = {change.identity for change in changes}
    obsolete = _obsolete(kept, inventory, selected)
    released = tuple(sorted(entry.identity for entry in obsolete))
    return TargetPlan(target, connection, inventory.version, changes, released, _settled(changes, inventory))


def compare(  # noqa: PLR0913
    desired: Sequence[Manifest],
    live: Mapping[Identity, Live],
    inventory: Inventory,
    preview: Ask = unasked,
    *,
    rehearse: bool = True,
    selected: Selected = everything,
    locate: Locate = nowhere,
) -> tuple[Change, ...]:
    """What has to happen to each object, by identity.

    An object of the inventory that is no longer desired is deleted only where its live labels still say that it is
    ours, and where it is the same object, not a later one of the same name. Raises ``MlgitopsError`` where two desired
    manifests are the same object.
    """
    wanted = _by_identity(desired)
    unlike = {
        one: manifest
        for one, manifest in wanted.items()
        if not is_settled(manifest, live.get(one), inventory.entries.get(one))
    }
    previews = preview([manifest for one, manifest in unlike.items() if rehearse or one in live])
    changes = [
        _wanted(one, manifest, live.get(one), previews.get(one), locate)
        if one in unlike
        else _unchanged(one, manifest, live.get(one))
        for one, manifest in wanted.items()
    ]
    obsolete = _obsolete(wanted, inventory, selected)
    doomed = ((entry, live[entry.identity]) for entry in obsolete if entry.identity in live)
    changes += [_deletion(entry, found) for entry, found in doomed if _is_ours(entry, found, inventory)]
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


def is_settled(manifest: Manifest, found: Live | None, entry: InventoryEntry | None) -> bool:
    """Whether there is nothing to do, told without asking the target: an apply would change nothing, or the run that
    the manifest asks for is done.

    Of what others write to as well, the same manifest must have been applied last. Since then nobody may have changed
    the object, as far as that is known; or all that the manifest says must be there.
    """
    if found is None:
        return is_done(entry, manifest)
    wanted = content_digest(manifest)
    if not found.applied:
        return found.digest == wanted
    untouched = entry is not None and (entry.digest, entry.generation) == (found.digest, found.generation)
    return found.applied == wanted and (untouched or contains(found.manifest, manifest))


def _wanted(one: Identity, manifest: Manifest, found: Live | None, preview: Preview | None, locate: Locate) -> Change:
    """What has to happen to an object that may not be as its manifest says."""
    if found is None:
        refused = preview.refused if preview else ""
        impact = impact_of(Action.CREATE, manifest)
        return Change(one, Action.CREATE, owner_of(manifest), impact, (), manifest, refused=refused)
    fields = changed_fields(manifest, found, preview, locate)
    if preview is None:
        return _change(one, Action.UPDATE, manifest, found, fields) if fields else _unchanged(one, manifest, found)
    if not (fields or preview.refused or preview.replaces):
        change = _unchanged(one, manifest, found)
    else:
        change = _change(one, Action.REPLACE if preview.replaces else Action.UPDATE, manifest, found, fields)
    return replace(
        change, explained=_explained(manifest, preview), conflicts=preview.conflicts, refused=preview.refused
    )


def changed_fields(
    manifest: Manifest, found: Live, preview: Preview | None, locate: Locate = nowhere
) -> tuple[FieldChange, ...]:
    """The fields that an apply would change, by the target's word where it gave one.

    Where it refused to say what would become of the object, those that the manifest says otherwise.
    """
    if preview is None:
        return tuple(_located(field, manifest, locate) for field in differences(found.manifest, manifest))
    before = preview.before or found.manifest
    fields: Iterable[FieldChange] = differences(before, preview.after or manifest)
    if preview.after is None:
        fields = (field for field in fields if field.new is not ABSENT)
    return tuple(replace(_located(field, manifest, locate), reason=preview.keeper(field.path)) for field in fields)


def _explained(manifest: Manifest, preview: Preview) -> tuple[FieldChange, ...]:
    """The fields that will not be as the manifest says, or that it does not speak of, with the reason."""
    if preview.after is None:
        return ()
    found = differences(preview.after, manifest)
    explained = (
        replace(field, reason=preview.explain(field.path) if field.new is ABSENT else "changed by a webhook")
        for field in found
    )
    return tuple(field for field in explained if field.reason)


def _unchanged(one: Identity, manifest: Manifest, found: Live | None) -> Change:
    """An object that stays as it is; None is found of a run that is done and gone."""
    digest, version = (found.digest, found.version) if found else ("", "")
    impact = impact_of(Action.UNCHANGED, manifest)
    return Change(one, Action.UNCHANGED, owner_of(manifest), impact, (), None, digest, version)


def _change(
    one: Identity, action: Action, manifest: Manifest, found: Live, fields: tuple[FieldChange, ...] = ()
) -> Change:
    """A change to an object that is there."""
    impact = impact_of(action, manifest, fields)
    desired = _with_stamp(manifest, found, impact)
    return Change(one, action, owner_of(manifest), impact, fields, desired, found.digest, found.version)


def _with_stamp(manifest: Manifest, found: Live, impact: Impact) -> Manifest:
    """The manifest to write. KServe copies annotations of an InferenceService to its pods (kserve/kserve#3710), so that
    a change that restarts nothing must not bring a new commit's stamp with it: the one that is there stays."""
    if manifest["kind"] != "InferenceService" or impact.severity >= Impact.ROLLOUT.severity:
        return manifest
    annotations = found.manifest["metadata"].get("annotations") or {}
    return stamped(without_stamp(manifest), annotations.get(ANNOTATION_SOURCE_COMMIT, ""))


def _located(field: FieldChange, manifest: Manifest, locate: Locate) -> FieldChange:
    source = locate(manifest, field.path)
    return replace(field, source=source) if source else field


def _is_ours(entry: InventoryEntry, found: Live, inventory: Inventory) -> bool:
    """Whether an object is the one that we applied, and still says so."""
    return entry.uid in ("", found.uid) and belongs_to(found.manifest, inventory.id)


def _deletion(entry: InventoryEntry, found: Live) -> Change:
    impact = impact_of(Action.DELETE, found.manifest)
    owner = owner_of(found.manifest)
    return Change(entry.identity, Action.DELETE, owner, impact, (), None, found.digest, found.version)


def _settled(changes: Iterable[Change], inventory: Inventory) -> bool:
    """Whether the last apply came to its end and the inventory says of each unchanged object what is there.

    Of a run that is done and gone there is nothing.
    """
    if inventory.entries and not inventory.applied_at:
        return False
    unchanged = (change for change in changes if change.action is Action.UNCHANGED and change.live_digest)
    return all(
        (entry := inventory.entries.get(change.identity)) is not None and _says(entry, change) for change in unchanged
    )


def _says(entry: InventoryEntry, change: Change) -> bool:
    """Whether an entry is about what is there. In a cluster that is the same object, of which others may own a part."""
    if entry.uid:
        return entry.uid == uid_of(change.live_version)
    return entry.digest == change.live_digest
