"""Makes a target ready: it is locked, and what is there is still what was planned for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from mlgitops.manifest import Identity
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.guards import Consent, check_inside, check_target
from mlgitops.plan.guards.container import emptied
from mlgitops.targets import Connection, Inventory, Live
from mlgitops.workflows.sites import CANNOT, reason


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target that is locked, and all that was read of it. ``inside`` has what containers hold that are to go.

    ``held`` has the lock; closing it gives the lock back.
    """

    plan: TargetPlan
    connection: Connection
    held: ExitStack
    inventory: Inventory
    live: Mapping[Identity, Live] = field(default_factory=dict)
    inside: Mapping[Identity, Collection[Identity]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A target at which nothing is done, and why."""

    plan: TargetPlan
    error: str


def prepare(connections: Mapping[str, Connection], locks: ExitStack, target: TargetPlan) -> Prepared | Unreachable:
    """Locks a target and reads it. ``locks`` gives back what is locked when it ends, at the latest."""
    if target.error:
        return Unreachable(target, target.error)
    connection, held = connections[target.target], locks.enter_context(ExitStack())
    try:
        held.enter_context(connection.lock())
        inventory = connection.inventory()
        live = connection.live([change.identity for change in target.changes], exact=True)
        inside = {change.identity: connection.inside(change.identity) for change in emptied(target)}
    except CANNOT as error:
        return Unreachable(target, reason(error))
    return Prepared(target, connection, held, inventory, live, inside)


def check(plan: Plan, ready: Prepared | Unreachable, consent: Consent) -> None:
    """Raises ``StalePlanError`` or ``GuardError`` where the plan must not be applied."""
    if isinstance(ready, Prepared):
        check_target(plan, ready.plan, ready.inventory, ready.live, consent)
        check_inside(ready.plan, ready.inside)
