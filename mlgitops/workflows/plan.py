"""Plans an environment: render, read what is there, compare. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlgitops import __version__
from mlgitops.manifest import identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import Connection, open_connection
from mlgitops.workflows.locate import Locator
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import render_environment


def plans(opened: Opened, asked: Asked) -> list[Plan]:
    """The plans of the environments that were asked for, in the project's order."""
    renderings = rendered(opened, asked)
    selection = Selection.of(renderings, asked)
    return [plan(opened, rendering, selection) for rendering in renderings]


def rendered(opened: Opened, asked: Asked) -> list[Rendering]:
    """The environments that were asked for, rendered as a whole. Raises ``FindingsError``."""
    return [
        render_environment(opened.source, name, opened.cache)
        for name in choose_environments(opened, asked.environments)
    ]


def plan(opened: Opened, rendering: Rendering, selection: Selection) -> Plan:
    """What has to change at each selected target so that it is as Git says. Raises what reading a target raises."""
    locator = Locator(opened, rendering.environment)
    chosen = [target for target in rendering.targets if selection.keeps_target(target.target)]
    targets = tuple(_plan_target(opened.root, rendering, target, selection, locator) for target in chosen)
    everything = sum(len(target.manifests) for target in rendering.targets)
    kept = sum(1 for target in chosen for _ in selection.manifests(target, ""))
    return Plan(
        rendering.project, rendering.environment, rendering.commit, rendering.digest, targets,
        selection=selection.words(), left_out=everything - kept, version=__version__,
    )  # fmt: skip


def _plan_target(
    root: Path, rendering: Rendering, target: TargetRendering, selection: Selection, locator: Locator
) -> TargetPlan:
    connection = connect(root, rendering.project, rendering.environment, target.target, target.connection)
    desired = list(selection.manifests(target, rendering.commit))
    live = connection.live([identity(manifest) for manifest in desired])
    return plan_target(
        target.target, target.connection, desired, live, connection.inventory(),
        selected=selection.keeps, locate=locator,
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
