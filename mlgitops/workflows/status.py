"""What runs where: reads every target, many at once, and holds it against Git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from mlgitops.errors import NoAnswerError, NotAuthorisedError
from mlgitops.manifest import identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.drift import edits
from mlgitops.plan.health import DeclaredRule
from mlgitops.plan.ignore import rules_from
from mlgitops.plan.selection import Selection
from mlgitops.plan.status import EnvironmentStatus, Found, TargetStatus, status_of
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import is_rendered
from mlgitops.workflows.drift import drift_among
from mlgitops.workflows.health import declared_rules
from mlgitops.workflows.plan import compare_site, rendered
from mlgitops.workflows.project import Opened
from mlgitops.workflows.sites import CANNOT, Site, read_sites, reason


def status(opened: Opened, asked: Asked) -> list[EnvironmentStatus]:
    """The status of the environments that were asked for. Reads only. Targets that cannot be read fail alone."""
    renderings = rendered(opened, asked)
    return status_at(opened, renderings, Selection.of(renderings, asked))


def status_at(opened: Opened, renderings: Sequence[Rendering], selection: Selection) -> list[EnvironmentStatus]:
    """The same of environments that are rendered."""
    rules = {one.environment: declared_rules(opened, one.environment) for one in renderings}
    read = partial(_tried, selection, rules)
    found = read_sites(opened.root, renderings, selection, read, _unread, raises_alone=False)
    return [
        EnvironmentStatus(rendering.environment, targets) for rendering, targets in zip(renderings, found, strict=True)
    ]


def _unread(target: TargetRendering, why: str) -> TargetStatus:
    return TargetStatus(target.target, rendered=is_rendered(target.connection), error=why)


def _tried(selection: Selection, rules: Mapping[str, tuple[DeclaredRule, ...]], site: Site) -> TargetStatus:
    try:
        return _read(selection, rules, site)
    except CANNOT as error:
        forbidden, silent = isinstance(error, NotAuthorisedError), isinstance(error, NoAnswerError)
        return replace(_unread(site.target, reason(error)), help=error.help, forbidden=forbidden, silent=silent)


def _read(selection: Selection, rules: Mapping[str, tuple[DeclaredRule, ...]], site: Site) -> TargetStatus:
    """What runs at one target, by reading the kinds alone that are rendered for it or were applied to it.

    So it takes no right to anything else, nor a list of every kind that a cluster serves. That is what it takes to find
    objects with our labels that nobody applied, which is left to ``drift``.
    """
    desired = list(selection.manifests(site.target, ""))
    live = site.connection.live([identity(manifest) for manifest in desired])
    inventory = site.connection.inventory()
    planned = compare_site(site, list(selection.manifests(site.target, site.rendering.commit)), live, selection.keeps)
    ignored = rules_from(site.rendering.ignore, site.target.rollouts)
    drifted = edits(drift_among(site.name, desired, site.connection, live, selection.keeps, ignored))
    kept = {one: entry for one, entry in inventory.entries.items() if selection.keeps(one, entry.owner)}
    found = Found(
        replace(inventory, entries=kept), desired, live, drifted.keys(),
        {change.owner for change in planned.pending}, rules[site.rendering.environment], drifted,
    )  # fmt: skip
    return status_of(site.name, found, rendered=is_rendered(site.target.connection))
