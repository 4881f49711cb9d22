"""Drift: where a target is not as the last apply left it. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from mlgitops.manifest import Identity
from mlgitops.plan.change import FieldChange


@dataclass(frozen=True, slots=True)
class Drifted:
    """One object that drifted. ``fields`` lead from what is live to what Git says; empty where Git no longer says."""

    identity: Identity
    owner: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The drift at one target.

    ``changed`` objects are neither as they were applied nor as Git says. ``missing`` ones were applied, are in Git and
    are gone. ``unexpected`` ones carry our labels, but neither Git nor the inventory knows them. ``error`` says why the
    target could not be read; then nobody knows whether it drifted.
    """

    target: str
    changed: tuple[Drifted, ...] = ()
    missing: tuple[Drifted, ...] = ()
    unexpected: tuple[Drifted, ...] = ()
    error: str = ""

    @property
    def found(self) -> bool:
        """Whether there is any drift."""
        return bool(self.changed or self.missing or self.unexpected)
