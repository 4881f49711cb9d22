"""What runs where: reads every target and holds it against Git."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.manifest import identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.drift import DriftReport
from mlgitops.plan.health import DeclaredRule
from mlgitops.plan.selection import Selection
from mlgitops.plan.status import EnvironmentStatus, Found, TargetStatus, status_of
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import is_rendered
from mlgitops.workflows.drift import find_drift
from mlgitops.workflows.health import declared_rules
from mlgitops.workflows.plan import connect, plan, rendered
from mlgitops.workflows.project import Opened


def status(opened: Opened, asked: Asked) -> list[EnvironmentStatus]:
    """The status of the environments that were asked for. Reads only. Targets that cannot be read fail alone."""
    renderings = rendered(opened, asked)
    selection = Selection.of(renderings, asked)
    return [
        EnvironmentStatus(rendering.environment, tuple(_targets(opened, rendering, selection)))
        for rendering in renderings
    ]


def _targets(opened: Opened, rendering: Rendering, selection: Selection) -> Iterator[TargetStatus]:
    rules = declared_rules(opened, rendering.environment)
    for target in rendering.targets:
        if selection.keeps_target(target.target):
            try:
                yield _read(opened, rendering, target, selection, rules)
            except (TargetError, NotAuthorisedError) as error:
                said = f"{error.message}. {error.help}" if error.help else error.message
                yield TargetStatus(target.target, rendered=is_rendered(target.connection), error=said)


def _read(
    opened: Opened,
    rendering: Rendering,
    target: TargetRendering,
    selection: Selection,
    rules: tuple[DeclaredRule, ...],
) -> TargetStatus:
    names = (rendering.project, rendering.environment, target.target)
    connection = connect(opened.root, *names, target.connection)
    desired = list(selection.manifests(target, ""))
    inventory = connection.inventory()
    entries = {one: entry for one, entry in inventory.entries.items() if selection.keeps(one, entry.owner)}
    planned = plan(opened, rendering, replace(selection, targets=(target.target,)))
    found = Found(
        replace(inventory, entries=entries),
        desired,
        connection.live([identity(manifest) for manifest in desired]),
        _drifted(find_drift(target.target, desired, connection, selection.keeps)),
        {change.owner for one in planned.targets for change in one.pending},
        rules,
    )
    return status_of(target.target, found, rendered=is_rendered(target.connection))


def _drifted(report: DriftReport) -> set[str]:
    return {one.owner for one in (*report.changed, *report.missing, *report.unexpected)}
