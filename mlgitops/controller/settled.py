"""What needs no look, and what needs but a small one: what a look that found nothing to do has told already."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from mlgitops.controller.goals import Goal
from mlgitops.controller.looking import Look
from mlgitops.controller.state import Key
from mlgitops.manifest import Identity
from mlgitops.plan.health import DeclaredRule
from mlgitops.targets import Connection

MOST = 100
"""Objects that are looked at by themselves; where Git changes more, everything is looked at."""


@dataclass(slots=True)
class _Seen:
    """What Git said at that look, and the versions of all that was there.

    ``narrowed`` is the goal of the last small look; ``changed`` are the objects that Git said otherwise at any time
    since, as they may have been written.
    """

    goal: str
    terms: tuple[Any, ...]
    rules: tuple[DeclaredRule, ...]
    manifests: Mapping[Identity, str]
    versions: str
    narrowed: str = ""
    changed: set[Identity] = field(default_factory=set)


class Settled:
    """By target, the last look that found all as Git says, and ready. Each target is for one thread at a time.

    An API gives an object another version with any change, so that the versions of all of them, which are less to read
    than the objects, say that there is nothing new to see. And where Git changes a few objects, those are looked at
    first; at the rest with the next resync.
    """

    def __init__(self) -> None:
        self._seen: dict[Key, _Seen] = {}

    def holds(self, goal: Goal, connection: Connection) -> bool:
        """Whether a look would find just what the last one did. Raises what reading the target raises."""
        seen = self._seen.get(goal.key)
        if seen is None or (seen.goal, seen.rules) != (goal.digest, goal.policy.rules):
            return False
        return connection.versions(goal.contents.keys()) == seen.versions

    def changed(self, goal: Goal) -> Set[Identity] | None:
        """The few objects that Git says otherwise since the last look, removed ones included; None for everything.

        What it said otherwise for a while is among them: going back to what was there before is a change as well. Where
        Git only removed some, everything is looked at: a target at which nothing is wanted is taken for an accident.
        The same goal is asked about but once: whoever looks again wants to see everything.
        """
        seen = self._seen.get(goal.key)
        if seen is None:
            return None
        if (seen.terms, seen.rules) != (_terms(goal), goal.policy.rules):
            del self._seen[goal.key]
            return None
        if seen.narrowed == goal.digest:
            return None
        seen.narrowed = goal.digest
        wanted = goal.contents
        seen.changed |= {one for one, digest in wanted.items() if seen.manifests.get(one) != digest}
        seen.changed |= seen.manifests.keys() - wanted.keys()
        return set(seen.changed) if len(seen.changed) <= MOST and seen.changed & wanted.keys() else None

    def note(self, goal: Goal, found: Look) -> None:
        """Remembers a look at everything, if there was nothing to do and nothing to wait for.

        Where there was, everything is looked at again, however little Git changes next.
        """
        if found.narrow:
            return
        self._seen.pop(goal.key, None)
        if found.versions and found.plan.is_empty and not found.unready:
            rules = goal.policy.rules
            self._seen[goal.key] = _Seen(goal.digest, _terms(goal), rules, goal.contents, found.versions)


def _terms(goal: Goal) -> tuple[Any, ...]:
    """What every object depends on: how the target is reached, and which fields are left to others."""
    return goal.target.connection, goal.rendering.ignore
