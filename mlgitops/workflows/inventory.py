"""Restores a lost inventory from what is there."""

from __future__ import annotations

from mlgitops.manifest import identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.selection import Selection
from mlgitops.targets import Rebuilt
from mlgitops.workflows.plan import rendered
from mlgitops.workflows.project import Opened
from mlgitops.workflows.sites import connect


def rebuild_inventory(opened: Opened, environment: str, target: str) -> Rebuilt:
    """Writes the inventory of a target anew from the labels of its objects.

    Raises ``NotAuthorisedError``, with nothing written, where what Git asks for may not be looked for.
    """
    asked = Asked(environments=(environment,), targets=(target,))
    (rendering,) = renderings = rendered(opened, asked)
    Selection.of(renderings, asked)
    (chosen,) = (one for one in rendering.targets if one.target == target)
    connection = connect(opened.root, rendering.project, environment, target, chosen.connection)
    return connection.rebuild_inventory(list(map(identity, chosen.manifests)))
