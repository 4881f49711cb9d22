"""Plans environments: render, read what is there, compare. Reads only, many targets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mlgitops import __version__
from mlgitops.capacity.account import account
from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.compare import Locate, Selected, everything, nowhere, plan_target
from mlgitops.plan.ignore import rules_from, without_ignored
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import Connection, Live
from mlgitops.workflows.limits import spending_of
from mlgitops.workflows.locate import Locator
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import render_environment
from mlgitops.workflows.sites import Site, connect, read_sites

Applied = list[tuple[Identity, str]]
"""Objects of inventories with their owners."""


def plans(opened: Opened, asked: Asked, *, rehearse: bool = True) -> list[Plan]:
    """The plans of the environments that were asked for, in the project's order.

    ``rehearse`` has the targets say also of new objects whether they would be accepted, which takes a request each.
    A target that cannot be read has the reason in its plan. Raises that as an error where there is no other target.
    """
    renderings = rendered(opened, asked)
    selection = select(opened, renderings, asked)
    return _plans(opened, renderings, selection, rehearse=rehearse)


def plan(opened: Opened, rendering: Rendering, selection: Selection, *, rehearse: bool = False) -> Plan:
    """What has to change at each selected target so that it is as Git says; as ``plans``, of one environment."""
    (made,) = _plans(opened, [rendering], selection, rehearse=rehearse)
    return made


def select(opened: Opened, renderings: Sequence[Rendering], asked: Asked) -> Selection:
    """The selection that was asked for, also of what was applied and Git no longer has. Raises ``MlgitopsError``."""
    if not (asked.models or asked.objects):
        return Selection.of(renderings, asked)
    unread: list[str] = []

    def none(target: TargetRendering, _: str) -> Applied:
        unread.append(target.target)
        return []

    everywhere = read_sites(opened.root, renderings, Selection(targets=asked.targets), _applied, none)
    applied = [one for environment in everywhere for target in environment for one in target]
    try:
        return Selection.of(renderings, asked, applied)
    except MlgitopsError as error:
        if not unread:
            raise
        said = f"{error.help}; what was applied to {', '.join(sorted(unread))} could not be read"
        raise MlgitopsError(error.message, help=said) from error


def _applied(site: Site) -> Applied:
    return [(one, entry.owner) for one, entry in site.connection.inventory().entries.items()]


def rendered(opened: Opened, asked: Asked) -> list[Rendering]:
    """The environments that were asked for, rendered as a whole. Raises ``FindingsError``."""
    return [
        render_environment(opened.source, name, opened.cache)
        for name in choose_environments(opened, asked.environments)
    ]


def _plans(opened: Opened, renderings: Sequence[Rendering], selection: Selection, *, rehearse: bool) -> list[Plan]:
    locators = {one.environment: Locator(opened.source, one.environment, opened.cache) for one in renderings}
    read = partial(_plan_site, selection, locators, rehearse=rehearse)
    found = read_sites(opened.root, renderings, selection, read, _unread)
    return [_plan(rendering, selection, targets) for rendering, targets in zip(renderings, found, strict=True)]


def _plan(rendering: Rendering, selection: Selection, targets: tuple[TargetPlan, ...]) -> Plan:
    whole = sum(len(target.manifests) for target in rendering.targets)
    kept = sum(1 for target in rendering.targets for _ in selection.manifests(target, ""))
    return Plan(
        rendering.project, rendering.environment, rendering.commit, rendering.digest, targets,
        selection=selection.words(), left_out=whole - kept, version=__version__, spending=spending_of(rendering),
    )  # fmt: skip


def _plan_site(selection: Selection, locators: Mapping[str, Locator], site: Site, *, rehearse: bool) -> TargetPlan:
    wanted = list(selection.manifests(site.target, site.rendering.commit))
    live = site.connection.live([identity(manifest) for manifest in wanted])
    found = compare_site(site, wanted, live, selection.keeps, locators[site.rendering.environment], rehearse=rehearse)
    before = wanted  # where nothing changes, also where runs that are done are gone
    if found.pending:
        before = [live[change.identity].manifest for change in found.changes if change.identity in live]
    whole = not (selection.models or selection.objects)
    return replace(found, account=account(before, wanted, site.target.terms, whole=whole))


def compare_site(
    site: Site,
    wanted: Sequence[Manifest],
    live: Mapping[Identity, Live],
    selected: Selected = everything,
    locate: Locate = nowhere,
    *,
    rehearse: bool = False,
) -> TargetPlan:
    """The plan of one target from the wanted manifests and what is live. Raises what reading the target raises."""
    desired = without_ignored(wanted, live, rules_from(site.rendering.ignore, site.target.rollouts))
    inventory = site.connection.inventory()
    return plan_target(
        site.name, site.target.connection, desired, live, inventory, lambda ones: site.connection.preview(ones, live),
        rehearse=rehearse, selected=selected, locate=locate,
    )  # fmt: skip


def _unread(target: TargetRendering, reason: str) -> TargetPlan:
    return TargetPlan(target.target, target.connection, "", (), error=reason)


def connections(root: Path, plan: Plan) -> dict[str, Connection]:
    """The connections that a plan needs, by target; none to a target that could not be read."""
    return {
        target.target: connect(root, plan.project, plan.environment, target.target, target.connection)
        for target in plan.targets
        if not target.error
    }
