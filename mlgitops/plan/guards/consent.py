"""What a person agreed to, beyond the plan itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consent:
    """What may be done.

    ``allow_mass_delete``: deleting most or all of a target. ``adopt``: taking over objects that others made.
    ``allow_replace``: deleting objects to make them anew. ``force_conflicts``: taking fields from other field managers.
    """

    allow_mass_delete: bool = False
    adopt: bool = False
    allow_replace: bool = False
    force_conflicts: bool = False


NO_CONSENT = Consent()
