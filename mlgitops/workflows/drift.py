"""Drift: compare what was applied, what Git says and what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import Selected, changed_fields, everything
from mlgitops.plan.drift import Drifted, DriftReport
from mlgitops.plan.ignore import IgnoreRule, rules_from, without_ignored
from mlgitops.plan.ledger import is_done
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering
from mlgitops.targets import Connection, InventoryEntry, Live, Preview, owner_of
from mlgitops.workflows.plan import connect, plan, rendered, select
from mlgitops.workflows.project import Opened


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


def drift(opened: Opened, asked: Asked) -> list[EnvironmentDrift]:
    """The drift of the environments that were asked for. Reads only."""
    renderings = rendered(opened, asked)
    selection = select(opened, renderings, asked)
    return [
        EnvironmentDrift(rendering.environment, rendering, tuple(_of_targets(opened, rendering, selection)))
        for rendering in renderings
    ]


def _of_targets(opened: Opened, rendering: Rendering, selection: Selection) -> Iterable[DriftReport]:
    for target in rendering.targets:
        if selection.keeps_target(target.target):
            names = (rendering.project, rendering.environment, target.target)
            connection = connect(opened.root, *names, target.connection)
            desired = list(selection.manifests(target, ""))
            yield find_drift(target.target, desired, connection, selection.keeps, rules_from(rendering.ignore))


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
    owned = connection.owned()
    wanted = {identity(manifest): manifest for manifest in without_ignored(desired, owned, ignored)}
    entries = {one: entry for one, entry in connection.inventory().entries.items() if selected(one, entry.owner)}
    touched = [e for one, e in sorted(entries.items()) if one in owned and owned[one].digest != e.digest]
    previews = connection.preview([wanted[e.identity] for e in touched if e.identity in wanted], owned)
    return DriftReport(
        target,
        tuple(_changed(touched, owned, wanted, previews)),
        tuple(_missing(entries.values(), owned, wanted)),
        tuple(_unexpected(owned, connection.inventory().entries, wanted, selected)),
    )


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
