"""The run-once ledger: what runs once and was started is not started again, even when it is gone. Pure.

A finished run removes itself after its time to live (argo-cd#8586 and #13851 took such a run for missing). So the
inventory remembers of each run from which manifest it was started, and how it ended where anybody saw that. A rerun
needs a change in Git: then the object has another name or another content. Labels and annotations are no content of a
run: a new label of the environment trains nothing again.

The mark in ``InventoryEntry.run`` is ``STATE DIGEST``: ``started``, ``succeeded`` or ``failed``, and the digest of the
manifest without its metadata. Of a run that nobody marked it is the content digest of the whole manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mlgitops.manifest import Identity, Manifest, digest
from mlgitops.plan.health.runs import End, end_of, is_run
from mlgitops.targets import Inventory, InventoryEntry, Live, content_digest

STARTED = "started"


def started(entry: InventoryEntry, desired: Manifest) -> InventoryEntry:
    """The entry of an object that was just written; marked as started where it runs once."""
    return replace(entry, run=f"{STARTED} {_digest(desired)}") if is_run(entry.identity) else entry


def is_done(entry: InventoryEntry | None, desired: Manifest) -> bool:
    """Whether a desired object that is not there is a run that was started already, from the same manifest.

    An entry without a mark was only about to be created when an apply was interrupted.
    """
    if entry is None or not is_run(entry.identity):
        return False
    return entry.run.partition(" ")[2] in (_digest(desired), content_digest(desired))


def _digest(manifest: Manifest) -> str:
    return digest({name: value for name, value in manifest.items() if name != "metadata"})


def end_in(entry: InventoryEntry) -> End | None:
    """How a run ended, as far as anybody saw it."""
    state = entry.run.partition(" ")[0]
    return End(state) if state in set(End) else None


def observed(inventory: Inventory, live: Mapping[Identity, Live]) -> Inventory:
    """The inventory with the marks of the runs that are live; itself where there is nothing new."""
    runs = {one: entry for one, entry in inventory.entries.items() if is_run(one) and one in live}
    marked = {one: _marked(entry, live[one]) for one, entry in runs.items()}
    if all(entry == inventory.entries[one] for one, entry in marked.items()):
        return inventory
    return replace(inventory, entries={**inventory.entries, **marked})


def _marked(entry: InventoryEntry, live: Live) -> InventoryEntry:
    """The entry with the run's end. Of a run that nobody marked, what is live says from what it was started."""
    state, _, source = entry.run.partition(" ")
    end = end_of(live.manifest)
    return replace(entry, run=f"{end or state or STARTED} {source or live.applied or live.digest}")
