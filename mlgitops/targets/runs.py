"""Where runs are started: a connection that can make an object which is no part of what Git says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest
from mlgitops.targets import Connection, is_rendered


class RunConnection(Connection, Protocol):
    """A connection to a target at which runs can be started."""

    def start(self, manifest: Manifest) -> Manifest:
        """Makes an object that is not there yet, once, and gives it back as it is there; the inventory is not touched.

        Raises ``TargetError``, also where there is another object of that name, and ``NotAuthorisedError``.
        """


def open_runs(target: str, connection: Mapping[str, Any], root: Path, inventory_id: str) -> RunConnection:
    """The connection to a target by its block, as ``open_connection``. Raises ``TargetError`` where it is files."""
    if is_rendered(connection):
        raise TargetError(
            f"nothing can be started at target {target}, which is files and no cluster",
            help="Start it where the files are applied: argo submit --from workflowtemplate/NAME",
        )
    from mlgitops.targets.kubernetes.connection import open_kubernetes

    return open_kubernetes(connection["kubernetes"], root, inventory_id)
