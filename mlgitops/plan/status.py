"""What runs where: of each model and pipeline at a target its release, health, and how it stands to Git. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from mlgitops.manifest import (
    ANNOTATION_RELEASE_DIGEST,
    ANNOTATION_SOURCE_COMMIT,
    LABEL_RELEASE,
    Identity,
    Manifest,
    identity,
    labels,
)
from mlgitops.plan.drift import Edit
from mlgitops.plan.health import DeclaredRule, Health, State, health
from mlgitops.plan.health.runs import End
from mlgitops.plan.ledger import end_in, is_done
from mlgitops.plan.order import is_workload
from mlgitops.plan.shares import Share, shares
from mlgitops.targets import Inventory, Live, owner_of

WORST_FIRST = (State.FAILED, State.PROGRESSING, State.SUSPENDED, State.READY, State.UNKNOWN)
"""Which of its objects' states decides about a model: what nothing is known of only where nothing else is there."""


@dataclass(frozen=True, slots=True)
class ObjectHealth:
    """One object and its health."""

    identity: Identity
    health: Health


@dataclass(frozen=True, slots=True)
class Running:
    """One model or pipeline at one target.

    ``release``, ``digest`` (``sha256:…``) and ``commit`` are those of what is there, empty where that does not say.
    ``health`` is its worst object's. ``objects`` are those that are not ready, worst first. ``applied``: anything of it
    was ever applied. ``drifted``: somebody changed it since the last apply. ``pending``: Git asks for something else
    than what is there.
    ``edit`` is what drifted, where that is known. ``shares`` are those of its releases while two of them run.
    """

    owner: str
    health: Health
    release: str = ""
    digest: str = ""
    commit: str = ""
    applied: bool = True
    drifted: bool = False
    pending: bool = False
    objects: tuple[ObjectHealth, ...] = ()
    edit: Edit | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """What runs at one target.

    ``rendered`` targets are files: what runs from them is known where they are synced. ``error`` is set where the
    target could not be read; then nothing is known about it. ``help`` is the end of it that says what to do.
    ``forbidden``: it answered, and said that it may not be read. ``silent``: nobody answered.
    """

    target: str
    running: tuple[Running, ...] = ()
    rendered: bool = False
    applied_at: str = ""
    commit: str = ""
    error: str = ""
    help: str = ""
    forbidden: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """What runs in one environment."""

    environment: str
    targets: tuple[TargetStatus, ...]

    @property
    def failing(self) -> bool:
        """Whether anything has failed, or a target could not be read."""
        return any(
            target.error or any(one.health.state is State.FAILED for one in target.running) for target in self.targets
        )


@dataclass(frozen=True, slots=True)
class Found:
    """All that was read at one target, and which owners have drifted or wait for an apply."""

    inventory: Inventory
    desired: Sequence[Manifest]
    live: Mapping[Identity, Live]
    drifted: Collection[str] = ()
    pending: Collection[str] = ()
    rules: tuple[DeclaredRule, ...] = ()
    edits: Mapping[str, Edit] = field(default_factory=lambda: MappingProxyType({}))


def status_of(target: str, found: Found, *, rendered: bool) -> TargetStatus:
    """The status of a target. ``rendered`` says that it is files."""
    owners = _by_owner(found)
    running = tuple(_running(owner, owners[owner], found, rendered=rendered) for owner in sorted(owners))
    return TargetStatus(target, running, rendered, found.inventory.applied_at, found.inventory.commit)


def _by_owner(found: Found) -> dict[str, list[Identity]]:
    """What is desired or was applied, by owner."""
    owners = {one: entry.owner for one, entry in found.inventory.entries.items()}
    owners |= {identity(manifest): owner_of(manifest) for manifest in found.desired}
    grouped: dict[str, list[Identity]] = {}
    for one in sorted(owners):
        grouped.setdefault(owners[one], []).append(one)
    return grouped


def _running(owner: str, objects: Sequence[Identity], found: Found, *, rendered: bool) -> Running:
    main = _main(objects, found.live)
    metadata = (main or {}).get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    applied = any(one in found.live or one in found.inventory.entries for one in objects)
    judged = _judged(objects, found) if applied and not rendered else []
    return Running(
        owner,
        judged[0].health if judged else Health(State.UNKNOWN, since=found.inventory.applied_at if applied else ""),
        labels(main or {}).get(LABEL_RELEASE, ""),
        annotations.get(ANNOTATION_RELEASE_DIGEST, ""),
        annotations.get(ANNOTATION_SOURCE_COMMIT, ""),
        applied,
        owner in found.drifted,
        owner in found.pending,
        tuple(one for one in judged if one.health.state is not State.READY),
        found.edits.get(owner),
        shares(found.live[one].manifest for one in objects if one in found.live),
    )


def _main(objects: Iterable[Identity], live: Mapping[Identity, Live]) -> Manifest | None:
    """The object that stands for all: a workload where there is one."""
    there = sorted((one for one in objects if one in live), key=lambda one: (not is_workload(one), one))
    return live[there[0]].manifest if there else None


def _judged(objects: Iterable[Identity], found: Found) -> list[ObjectHealth]:
    """Every object with its health, worst first; among equals a workload first."""
    desired = {identity(manifest): manifest for manifest in found.desired}
    judged = [_health(one, desired.get(one), found) for one in objects]
    order = {state: place for place, state in enumerate(WORST_FIRST)}
    return sorted(judged, key=lambda one: (order[one.health.state], not is_workload(one.identity), one.identity))


def _health(one: Identity, desired: Manifest | None, found: Found) -> ObjectHealth:
    live, entry = found.live.get(one), found.inventory.entries.get(one)
    if live is not None:
        return ObjectHealth(one, health(live.manifest, found.rules))
    if entry is None:
        return ObjectHealth(one, Health(State.UNKNOWN, "it is not applied yet"))
    if entry.run and (desired is None or is_done(entry, desired)):
        return ObjectHealth(one, _ended(end_in(entry)))
    missing = "it was applied and is gone" if entry.uid else "it was to be applied and is not there"
    return ObjectHealth(one, Health(State.FAILED, missing))


def _ended(end: End | None) -> Health:
    if end is End.FAILED:
        return Health(State.FAILED, "it failed, and is gone since")
    return Health(State.READY, "it completed, and is gone since" if end else "it is gone; nobody saw how it ended")


def in_order(rows: Iterable[tuple[TargetStatus, Running]]) -> list[tuple[TargetStatus, Running]]:
    """For a person on call: failed, progressing, suspended, unknown, ready; those that drifted first within each."""
    order = (State.FAILED, State.PROGRESSING, State.SUSPENDED, State.UNKNOWN, State.READY)

    def key(row: tuple[TargetStatus, Running]) -> tuple[int, bool, str, str]:
        target, one = row
        return order.index(one.health.state), not one.drifted, one.owner, target.target

    return sorted(rows, key=key)
