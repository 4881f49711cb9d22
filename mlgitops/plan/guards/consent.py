"""What a person agreed to, beyond the plan itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Consent:
    """``allow_mass_delete``: deleting most or all of a target. ``adopt``: taking over objects that others made."""

    allow_mass_delete: bool = False
    adopt: bool = False


NO_CONSENT = Consent()
