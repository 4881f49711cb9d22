"""Drift: compare what was applied, what Git says and what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.compare import Selected, everything
from mlgitops.plan.drift import Drifted, DriftReport
from mlgitops.plan.fields import differences
from mlgitops.targets import Connection, InventoryEntry, Live, owner_of


def find_drift(
    target: str, desired: Sequence[Manifest], connection: Connection, selected: Selected = everything
) -> DriftReport:
    """What is not as the last apply left it. Reads only.

    What Git says but nobody applied yet is a pending change, not drift. Raises what reading the target raises.
    """
    wanted = {identity(manifest): manifest for manifest in desired}
    entries = {one: entry for one, entry in connection.inventory().entries.items() if selected(one, entry.owner)}
    owned = connection.owned()
    return DriftReport(
        target,
        tuple(_changed(entries.values(), owned, wanted)),
        tuple(_missing(entries.values(), owned, wanted)),
        tuple(_unexpected(owned, connection.inventory().entries, wanted, selected)),
    )


def _changed(
    entries: Iterable[InventoryEntry], owned: Mapping[Identity, Live], wanted: Mapping[Identity, Manifest]
) -> Iterable[Drifted]:
    for entry in sorted(entries, key=lambda entry: entry.identity):
        live = owned.get(entry.identity)
        if live is None or live.digest == entry.digest:
            continue
        manifest = wanted.get(entry.identity)
        fields = differences(live.manifest, manifest) if manifest else ()
        if fields or manifest is None:
            yield Drifted(entry.identity, entry.owner, fields)


def _missing(
    entries: Iterable[InventoryEntry], owned: Mapping[Identity, Live], wanted: Mapping[Identity, Manifest]
) -> Iterable[Drifted]:
    for entry in sorted(entries, key=lambda entry: entry.identity):
        if entry.identity in wanted and entry.identity not in owned:
            yield Drifted(entry.identity, entry.owner)


def _unexpected(
    owned: Mapping[Identity, Live],
    known: Mapping[Identity, InventoryEntry],
    wanted: Mapping[Identity, Manifest],
    selected: Selected,
) -> Iterable[Drifted]:
    for one in sorted(owned.keys() - known.keys() - wanted.keys()):
        owner = owner_of(owned[one].manifest)
        if selected(one, owner):
            yield Drifted(one, owner)
