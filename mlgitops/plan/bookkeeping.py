"""The inventory before and after the changes of a plan. Pure.

Before the first write it is widened to all that may come to exist, and only after the last delete it is narrowed to
what is there, so that a crash in between leaves nothing that the inventory does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Change, TargetPlan
from mlgitops.plan.ledger import started
from mlgitops.targets import Inventory, InventoryEntry, content_digest, is_rendered, uid_of


def widened(inventory: Inventory, plan: TargetPlan, commit: str = "") -> Inventory:
    """The inventory with what is about to be created, and without a time, since the apply is not at its end.

    What it already had is left as it was applied. ``commit`` is the one that is about to be applied.
    """
    coming = {change.identity: _entry(change) for change in plan.changes if change.action is not Action.DELETE}
    return replace(inventory, entries={**coming, **inventory.entries}, applied_at="", begun=commit)


def narrowed(
    inventory: Inventory,
    plan: TargetPlan,
    failed: Collection[Identity],
    written: Mapping[Identity, InventoryEntry] = MappingProxyType({}),
) -> Inventory:
    """The widened inventory without what was deleted or released, and with what was written, as the target gave it.

    What failed or was skipped stays in it as it was, so that it is tried again; so does a run that is done and gone.
    """
    done = [change for change in plan.changes if change.identity not in failed]
    present = {
        change.identity: _present(change, written.get(change.identity), inventory, plan)
        for change in done
        if change.desired is not None or (change.live_digest and change.action is not Action.DELETE)
    }
    gone = {change.identity for change in done if change.action is Action.DELETE} | set(plan.released)
    kept = {one: entry for one, entry in inventory.entries.items() if one not in gone}
    return replace(inventory, entries={**kept, **present})


def _present(change: Change, written: InventoryEntry | None, inventory: Inventory, plan: TargetPlan) -> InventoryEntry:
    """The entry of an object that is there: what runs once is marked, where it runs and is not only a file.

    Of what was not written, the generation of our last write is known only as long as nobody took over a field since.
    """
    entry, before = written or _entry(change), inventory.entries.get(change.identity)
    if change.desired is None:
        known = before.generation if before and (before.uid, before.digest) == (entry.uid, entry.digest) else ""
        return replace(entry, run=before.run if before else "", generation=known)
    return entry if is_rendered(plan.connection) else started(entry, change.desired)


def _entry(change: Change) -> InventoryEntry:
    applied = change.live_digest if change.desired is None else content_digest(change.desired)
    return InventoryEntry(change.identity, applied, change.owner, uid_of(change.live_version))
