"""What was agreed to, beyond the plan itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mlgitops.manifest import Identity
from mlgitops.plan.guards.ancestry import Follows, anything


@dataclass(frozen=True, slots=True)
class Consent:
    """What may be done.

    ``allow_mass_delete``: deleting most or all of a target. ``adopt``: taking over objects that others made.
    ``allow_replace``: deleting objects to make them anew. ``force_conflicts``: taking fields from other field managers;
    ``take_back`` has those objects where that is all that is agreed to. ``allow_over_budget``: making an environment
    dearer that costs more than its budget. ``over``: which commits may be written over by the plan's; a person may go
    back to any.
    """

    allow_mass_delete: bool = False
    adopt: bool = False
    allow_replace: bool = False
    force_conflicts: bool = False
    take_back: Collection[Identity] = ()
    allow_over_budget: bool = False
    over: Follows = anything

    def forces(self, one: Identity) -> bool:
        """Whether fields of an object may be taken from other field managers."""
        return self.force_conflicts or one in self.take_back


NO_CONSENT = Consent()
