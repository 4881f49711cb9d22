"""The difference between what is there and what Git says, object by object, as whole manifests. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgitops.plan.change import Action, Plan
from mlgitops.report.diff import Difference
from mlgitops.workflows.plan import connections
from mlgitops.workflows.project import Opened


def diffs(opened: Opened, plans: Sequence[Plan]) -> list[Difference]:
    """Every object that the plans create, update or delete, with its manifests before and after."""
    return [difference for plan in plans for difference in _differences(opened, plan)]


def _differences(opened: Opened, plan: Plan) -> Iterator[Difference]:
    opened_connections = connections(opened.root, plan)
    for target in plan.targets:
        if not target.pending:
            continue
        live = opened_connections[target.target].live([change.identity for change in target.pending], exact=True)
        for change in target.pending:
            before = live[change.identity].manifest if change.identity in live else None
            after = None if change.action is Action.DELETE else change.desired
            yield Difference(plan.environment, target.target, change.identity, before, after)
