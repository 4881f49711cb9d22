"""Drift: compare what was applied, what Git says and what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import Selected, changed_fields, everything, is_settled
from mlgitops.plan.drift import Drifted, DriftReport
from mlgitops.plan.ignore import IgnoreRule, rules_from, without_ignored
from mlgitops.plan.ledger import is_done
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import Connection, InventoryEntry, Live, Preview, content_digest, owner_of
from mlgitops.workflows.plan import plan, rendered, select
from mlgitops.workflows.project import Opened
from mlgitops.workflows.sites import Site, read_sites


@dataclass(frozen=True, slots=True)
class EnvironmentDrift:
    """The drift of one environment, target by target, and the rendering it was found against."""

    environment: str
    rendering: Rendering
    targets: tuple[DriftReport, ...]

    @property
    def found(self) -> bool:
        """Whether there is any drift."""
        return any(target.found for target in self.targets)

    @property
    def unread(self) -> tuple[DriftReport, ...]:
        """The targets that could not be read."""
        return tuple(target for target in self.targets if target.error)


def drift(opened: Opened, asked: Asked) -> list[EnvironmentDrift]:
    """The drift of the environments that were asked for. Reads only, many targets at once.

    A target that cannot be read has the reason in its report. Raises that as an error where there is no other target.
    """
    renderings = rendered(opened, asked)
    selection = select(opened, renderings, asked)
    found = read_sites(opened.root, renderings, selection, partial(_of_site, selection), _unread)
    return [
        EnvironmentDrift(rendering.environment, rendering, reports)
        for rendering, reports in zip(renderings, found, strict=True)
    ]


def _of_site(selection: Selection, site: Site) -> DriftReport:
    desired = list(selection.manifests(site.target, ""))
    return find_drift(
        site.name, desired, site.connection, selection.keeps, rules_from(site.rendering.ignore, site.target.rollouts)
    )


def _unread(target: TargetRendering, reason: str) -> DriftReport:
    return DriftReport(target.target, error=reason)


def repairs(opened: Opened, found: Iterable[EnvironmentDrift]) -> list[Plan]:
    """Plans that undo the drift and nothing else: what changed and what is missing is written as Git says.

    What Git does not have is left as it is: to remove it is the business of a plan that a person has read.
    """
    made = (_repair(opened, one) for one in found if one.found)
    return [plan for plan in made if not plan.is_empty]


def _repair(opened: Opened, found: EnvironmentDrift) -> Plan:
    wanted = {target.target: set(map(identity, target.manifests)) for target in found.rendering.targets}
    drifted = {
        target.target: {one.identity for one in (*target.changed, *target.missing)} & wanted[target.target]
        for target in found.targets
        if target.found
    }
    whole = plan(opened, found.rendering, Selection(targets=tuple(drifted)))
    return whole.only(drifted)


def find_drift(
    target: str,
    desired: Sequence[Manifest],
    connection: Connection,
    selected: Selected = everything,
    ignored: Sequence[IgnoreRule] = (),
) -> DriftReport:
    """What is not as the last apply left it. Reads only.

    What Git says but nobody applied yet is a pending change, not drift. Raises what reading the target raises.
    """
    return drift_among(target, desired, connection, connection.owned(), selected, ignored)


def drift_among(
    target: str,
    desired: Sequence[Manifest],
    connection: Connection,
    owned: Mapping[Identity, Live],
    selected: Selected = everything,
    ignored: Sequence[IgnoreRule] = (),
) -> DriftReport:
    """The same among objects that were read already: those of the inventory at least."""
    wanted = {identity(manifest): manifest for manifest in without_ignored(desired, owned, ignored)}
    inventory = connection.inventory()
    entries = {one: entry for one, entry in inventory.entries.items() if selected(one, entry.owner)}
    touched = [e for one, e in sorted(entries.items()) if one in owned and _is_touched(e, owned[one], wanted.get(one))]
    previews = connection.preview([wanted[e.identity] for e in touched if e.identity in wanted], owned)
    return DriftReport(
        target,
        tuple(_changed(touched, owned, wanted, previews)),
        tuple(_missing(entries.values(), owned, wanted)),
        tuple(_unexpected(owned, inventory.entries, wanted, selected)),
        applied=bool(inventory.entries or inventory.applied_at),
    )


def _is_touched(entry: InventoryEntry, found: Live, manifest: Manifest | None) -> bool:
    """Whether an object may not be as it was applied. Where Git asks for just that, its fields can tell, too."""
    if manifest is not None and found.applied == content_digest(manifest):
        return not is_settled(manifest, found, entry)
    return found.digest != entry.digest


def _changed(
    touched: Iterable[InventoryEntry],
    owned: Mapping[Identity, Live],
    wanted: Mapping[Identity, Manifest],
    previews: Mapping[Identity, Preview],
) -> Iterable[Drifted]:
    for entry in touched:
        manifest = wanted.get(entry.identity)
        if manifest is None:
            yield Drifted(entry.identity, entry.owner)
        elif fields := changed_fields(manifest, owned[entry.identity], previews.get(entry.identity)):
            yield Drifted(entry.identity, entry.owner, fields)


def _missing(
    entries: Iterable[InventoryEntry], owned: Mapping[Identity, Live], wanted: Mapping[Identity, Manifest]
) -> Iterable[Drifted]:
    for entry in sorted(entries, key=lambda entry: entry.identity):
        manifest = wanted.get(entry.identity)
        if manifest is not None and entry.identity not in owned and not is_done(entry, manifest):
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
