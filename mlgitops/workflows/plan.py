"""Plans an environment: render, read what is there, compare. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlgitops import __version__
from mlgitops.manifest import Identity, identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.compare import differing, plan_target
from mlgitops.plan.ignore import rules_from, without_ignored
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import Connection, open_connection
from mlgitops.workflows.locate import Locator
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import render_environment


def plans(opened: Opened, asked: Asked, *, rehearse: bool = True) -> list[Plan]:
    """The plans of the environments that were asked for, in the project's order.

    ``rehearse`` has the targets say also of new objects whether they would be accepted, which takes a request each.
    """
    renderings = rendered(opened, asked)
    selection = select(opened, renderings, asked)
    return [plan(opened, rendering, selection, rehearse=rehearse) for rendering in renderings]


def select(opened: Opened, renderings: Sequence[Rendering], asked: Asked) -> Selection:
    """The selection that was asked for, also of what was applied and Git no longer has. Raises ``MlgitopsError``."""
    named = asked.models or asked.objects
    return Selection.of(renderings, asked, _applied(opened, renderings) if named else ())


def _applied(opened: Opened, renderings: Sequence[Rendering]) -> Iterator[tuple[Identity, str]]:
    for rendering in renderings:
        for target in rendering.targets:
            names = (rendering.project, rendering.environment, target.target)
            inventory = connect(opened.root, *names, target.connection).inventory()
            yield from ((one, entry.owner) for one, entry in inventory.entries.items())


def rendered(opened: Opened, asked: Asked) -> list[Rendering]:
    """The environments that were asked for, rendered as a whole. Raises ``FindingsError``."""
    return [
        render_environment(opened.source, name, opened.cache)
        for name in choose_environments(opened, asked.environments)
    ]


def plan(opened: Opened, rendering: Rendering, selection: Selection, *, rehearse: bool = False) -> Plan:
    """What has to change at each selected target so that it is as Git says. Raises what reading a target raises."""
    locator = Locator(opened.source, rendering.environment, opened.cache)
    chosen = [target for target in rendering.targets if selection.keeps_target(target.target)]
    targets = tuple(
        _plan_target(opened.root, rendering, target, selection, locator, rehearse=rehearse) for target in chosen
    )
    everything = sum(len(target.manifests) for target in rendering.targets)
    kept = sum(1 for target in chosen for _ in selection.manifests(target, ""))
    return Plan(
        rendering.project, rendering.environment, rendering.commit, rendering.digest, targets,
        selection=selection.words(), left_out=everything - kept, version=__version__,
    )  # fmt: skip


def _plan_target(
    root: Path,
    rendering: Rendering,
    target: TargetRendering,
    selection: Selection,
    locator: Locator,
    *,
    rehearse: bool,
) -> TargetPlan:
    connection = connect(root, rendering.project, rendering.environment, target.target, target.connection)
    wanted = list(selection.manifests(target, rendering.commit))
    live = connection.live([identity(manifest) for manifest in wanted])
    desired = without_ignored(wanted, live, rules_from(rendering.ignore))
    inventory = connection.inventory()
    previews = connection.preview(differing(desired, live, inventory, new=rehearse), live)
    return plan_target(
        target.target, target.connection, desired, live, inventory,
        previews=previews, selected=selection.keeps, locate=locator,
    )  # fmt: skip


def connect(root: Path, project: str, environment: str, target: str, connection: Mapping[str, Any]) -> Connection:
    """The connection to one target of an environment."""
    return open_connection(connection, root, f"{project}/{environment}/{target}")


def connections(root: Path, plan: Plan) -> dict[str, Connection]:
    """The connections that a plan needs, by target."""
    return {
        target.target: connect(root, plan.project, plan.environment, target.target, target.connection)
        for target in plan.targets
    }
