"""The difference between what is there and what Git says, object by object, as whole manifests. Reads only."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Action
from mlgitops.report.diff import Difference
from mlgitops.workflows.plan import connections, plans
from mlgitops.workflows.project import Opened


def diffs(opened: Opened, asked: Asked) -> list[Difference]:
    """Every object that would be created, updated or deleted, with its manifests before and after."""
    return list(_differences(opened, asked))


def _differences(opened: Opened, asked: Asked) -> Iterator[Difference]:
    for plan in plans(opened, asked):
        opened_connections = connections(opened.root, plan)
        for target in plan.targets:
            live = opened_connections[target.target].live([change.identity for change in target.pending])
            for change in target.pending:
                before = live[change.identity].manifest if change.identity in live else None
                after = None if change.action is Action.DELETE else change.desired
                yield Difference(plan.environment, target.target, change.identity, before, after)
