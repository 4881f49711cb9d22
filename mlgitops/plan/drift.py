"""Drift: where a target is not as the last apply left it. Frozen data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

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
    target could not be read; then nobody knows whether it drifted. ``applied``: anything ever was.
    """

    target: str
    changed: tuple[Drifted, ...] = ()
    missing: tuple[Drifted, ...] = ()
    unexpected: tuple[Drifted, ...] = ()
    error: str = ""
    applied: bool = True

    @property
    def found(self) -> bool:
        """Whether there is any drift."""
        return bool(self.changed or self.missing or self.unexpected)


class Edit(NamedTuple):
    """What became of a model or pipeline since the last apply, in words without values, and when; empty if unknown."""

    told: str
    since: str = ""


def edits(report: DriftReport) -> dict[str, Edit]:
    """The first thing that drifted of each model and pipeline at a target, by its owner."""
    found: dict[str, Edit] = {}
    for owner, edit in _edits(report):
        found.setdefault(owner, edit)
    return found


def _edits(report: DriftReport) -> Iterator[tuple[str, Edit]]:
    for one in report.missing:
        yield one.owner, Edit(f"{one.identity.kind}/{one.identity.name} is not there, though it was applied")
    for one in report.changed:
        yield one.owner, _edit(one)
    for one in report.unexpected:
        yield one.owner, Edit(f"{one.identity.kind}/{one.identity.name} is there, though nobody applied it")


def _edit(one: Drifted) -> Edit:
    name = f"{one.identity.kind}/{one.identity.name}"
    if not one.fields:
        return Edit(f"{name} was changed")
    first, more = one.fields[0], len(one.fields) - 1
    who, _, since = first.reason.rpartition(" at ")
    by = f", {who or first.reason}" if first.reason else ""
    others = f" and {more} field{'s' * (more > 1)} more" if more else ""
    return Edit(f"{first.pointer}{others} of {name}{by}", since if who else "")
