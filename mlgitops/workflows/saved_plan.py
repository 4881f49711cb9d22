"""A plan that was saved: read back, and refused where the project has moved since."""

from __future__ import annotations

from pathlib import Path

from mlgitops.errors import MlgitopsError
from mlgitops.plan.change import Plan
from mlgitops.plan.guards.stale import check_source
from mlgitops.plan.serialise import loads
from mlgitops.workflows.project import Opened
from mlgitops.workflows.render import render_environment

LARGEST = 256 * 2**20
"""The largest plan file that is read, in bytes."""


def read_plan(opened: Opened, path: Path) -> Plan:
    """The plan in a file. Raises ``MlgitopsError`` for a file that is no plan, ``StalePlanError`` for an old one."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise MlgitopsError(
            f"{path} cannot be read: {error.strerror}", help="Name a file that mlgitops plan -o FILE.json wrote."
        ) from error
    if len(content) > LARGEST:
        raise MlgitopsError(
            f"{path} is too large for a plan", help="Name a file that mlgitops plan -o FILE.json wrote."
        )
    plan = loads(content)
    rendering = render_environment(opened.source, plan.environment, opened.cache)
    check_source(plan, rendering.commit, rendering.digest)
    return plan
