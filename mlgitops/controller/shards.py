"""Which replica looks after which target: each target to the replica that a hash of both ranks highest. Pure.

When a replica comes or goes, only the targets that it gets or had move; all others stay where they are. Targets of an
environment with waves, with a rollout by steps or with a Prometheus stay together, since whoever rolls a change out,
or acts on what is seen, has to know how all of them do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from mlgitops.controller.goals import Goals
from mlgitops.controller.state import Key


def owner(name: str, members: Collection[str]) -> str:
    """The member that something belongs to, whatever the order in which they come. There must be at least one."""
    return max(members, key=lambda member: (hashlib.sha256(f"{member}\0{name}".encode()).digest(), member))


def part(goals: Goals, me: str, members: Collection[str]) -> Goals:
    """The goals of one member. Environments that cannot be rendered are told by whoever they belong to as a whole."""
    if set(members) <= {me}:
        return goals
    together = {name for name, policy in goals.policies.items() if policy.reconcile.waves is not None}
    together |= {key.environment for key, goal in goals.targets.items() if goal.target.rollouts or goal.target.server}

    def is_mine(key: Key) -> bool:
        return owner(key.environment if key.environment in together else str(key), members) == me

    targets = {key: goal for key, goal in goals.targets.items() if is_mine(key)}
    mine = {key.environment for key in targets}
    return Goals(
        goals.commit,
        targets,
        {name: digest for name, digest in goals.digests.items() if name in mine},
        {name: policy for name, policy in goals.policies.items() if name in mine},
        {name: why for name, why in goals.broken.items() if owner(name, members) == me},
    )
