"""Looks at one target: what has to change there, what somebody else changed, and what is not ready. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from mlgitops.controller.fights import Disputed
from mlgitops.controller.goals import Goal
from mlgitops.manifest import Identity, Manifest
from mlgitops.plan.change import Change, TargetPlan
from mlgitops.plan.compare import Selected, everything
from mlgitops.plan.health import Health, State, health
from mlgitops.render.rendering import stamped
from mlgitops.targets import Connection, Inventory, Live, content_digest, is_rendered, versions_of
from mlgitops.workflows.plan import compare_site
from mlgitops.workflows.sites import Site


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at a target.

    ``versions`` moves with any change at the target; empty where not all was looked at, or that is not known.
    ``drifted`` has by object what somebody else changed, with who did it; ``unready`` the objects that are not as they
    should be by now, worst first. ``narrow`` says that not all was looked at.
    """

    plan: TargetPlan
    versions: str
    inventory: Inventory
    drifted: Mapping[Identity, Mapping[Disputed, str]]
    unready: Mapping[Identity, Health]
    narrow: bool = False


def look(goal: Goal, connection: Connection, among: Set[Identity] | None = None) -> Look:
    """What has to change at a target, or ``among`` some objects. Raises what reading the target raises."""
    wanted = [stamped(manifest, goal.rendering.commit) for manifest in _asked(goal, among)]
    inventory = connection.inventory()
    live = connection.live(among if among is not None else goal.contents.keys(), exact=among is not None)
    target = replace(goal.target, rollouts=())  # whose steps are this controller's own, and in the manifests
    plan = compare_site(Site(goal.rendering, target, connection), wanted, live, _within(among))
    drifted, unready = dict(_drifted(plan, inventory, live)), dict(_unready(goal, live))
    versions = _versions(goal, inventory, live) if among is None else ""
    return Look(plan, versions, inventory, drifted, unready, among is not None)


def _asked(goal: Goal, among: Set[Identity] | None) -> Iterable[Manifest]:
    if among is None:
        return goal.target.manifests
    known = zip(goal.contents, goal.target.manifests, strict=True)
    return [manifest for one, manifest in known if one in among]


def _within(among: Set[Identity] | None) -> Selected:
    return everything if among is None else lambda one, _owner: one in among


def _versions(goal: Goal, inventory: Inventory, live: Mapping[Identity, Live]) -> str:
    """As ``Connection.versions`` gives it, by what was looked at."""
    if is_rendered(goal.target.connection):
        return ""
    return versions_of(inventory, {one: " ".join(found.version.split(" ")[:2]) for one, found in live.items()})


def _drifted(
    plan: TargetPlan, inventory: Inventory, live: Mapping[Identity, Live]
) -> Iterator[tuple[Identity, Mapping[Disputed, str]]]:
    """What somebody else changed since it was applied, among what is to be written."""
    for change in plan.pending:
        entry = inventory.entries.get(change.identity)
        if entry is None or change.desired is None:
            continue
        found = live.get(change.identity)
        wanted = content_digest(change.desired)
        if found is None and (entry.uid or entry.digest == wanted):
            yield change.identity, {Disputed(str(change.identity), "", wanted): "it was deleted"}
        elif found is not None and found.digest != entry.digest:
            yield change.identity, dict(_fields(change, wanted))


def _fields(change: Change, wanted: str) -> Iterator[tuple[Disputed, str]]:
    """The fields that somebody else set; all that differ, where nobody can tell."""
    told = [field for field in change.fields if field.reason] or change.fields
    yield from ((Disputed(str(change.identity), field.pointer, wanted), field.reason) for field in told)


def _unready(goal: Goal, live: Mapping[Identity, Live]) -> Iterator[tuple[Identity, Health]]:
    if is_rendered(goal.target.connection):
        return
    judged = [(one, health(live[one].manifest, goal.policy.rules)) for one in goal.contents if one in live]
    for state in (State.FAILED, State.PROGRESSING):
        yield from ((one, found) for one, found in judged if found.state is state)
