"""The plan as data: what will happen to each object at each target, and why. Frozen; apply reads nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any

from mlgitops.capacity.account import NO_ACCOUNT, Account
from mlgitops.capacity.limits import Spending
from mlgitops.manifest import Identity, Manifest
from mlgitops.targets import Conflict

Path = tuple[str | int, ...]
"""Where a field is. An item of a list is an index, or ``[NAME]`` where items are told apart by their name."""


class Action(StrEnum):
    """What happens to an object. ``REPLACE`` deletes it and makes it anew, where it cannot be changed in place."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNCHANGED = "unchanged"
    REPLACE = "replace"


class Impact(StrEnum):
    """What a change means for what runs, from harmless to grave; see ``severity``."""

    NONE = "none"
    SERVING_ONLY = "serving-only"
    ROLLOUT = "rollout"
    RETRAIN = "retrain"
    REMOVES = "removes"
    DESTROYS_DATA = "destroys-data"

    @property
    def severity(self) -> int:
        """0 for none, 5 for what destroys data."""
        return list(Impact).index(self)


class Absent(Enum):
    """The type of ``ABSENT``."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent.ABSENT
"""The value of a field that is not there, which is not the same as null."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs: its value now and then, and the ``file:line`` that asks for it where that is known.

    ``reason`` says who set the value that is there now, or why it stays; empty where nobody knows.
    """

    path: Path
    old: Any
    new: Any
    source: str = ""
    reason: str = ""

    @property
    def pointer(self) -> str:
        """The path as text: ``spec.containers[main].args[0]``."""
        text = ""
        for part in self.path:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += part if part.startswith("[") or not text else f".{part}"
        return text


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one object.

    ``fields`` is empty unless it is an update. ``desired`` is the whole manifest to write, None for a delete and for
    what stays; never shown in a repr, because it may hold a Secret. ``live_digest`` is the digest of what is there now,
    and ``live_version`` its version; both are empty for nothing. A Secret read from a plan file has lost its
    ``desired``: it is ``withheld``.

    ``explained`` are fields that are not as Git says and stay so, with the reason. ``conflicts`` are fields that
    another manager keeps, so that the target refuses the change unless it is forced; ``refused`` is what else the
    target has against it.
    """

    identity: Identity
    action: Action
    owner: str
    impact: Impact
    fields: tuple[FieldChange, ...] = ()
    desired: Manifest | None = field(default=None, repr=False)
    live_digest: str = ""
    live_version: str = ""
    explained: tuple[FieldChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    refused: str = ""

    @property
    def writes(self) -> bool:
        """Whether the object is there afterwards, and not as it was."""
        return self.action in (Action.CREATE, Action.UPDATE, Action.REPLACE)

    @property
    def deletes(self) -> bool:
        """Whether what is there now goes."""
        return self.action in (Action.DELETE, Action.REPLACE)

    @property
    def withheld(self) -> bool:
        """Whether the content to write was left out of the plan file."""
        return self.writes and self.desired is None


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What happens at one target.

    ``connection`` is the Target's connection block. ``released`` leave the inventory without being deleted: they are
    already gone, or somebody else's labels are on them now. ``settled`` is False where the inventory does not say what
    is there, because an apply was interrupted; then there is something to do even without a change. ``error`` says why
    the target could not be read; then nothing is known of it, and nothing is done there. ``account`` tells the
    resources asked for before and after, and what they cost.
    """

    target: str
    connection: Mapping[str, Any]
    inventory_version: str
    changes: tuple[Change, ...]
    released: tuple[Identity, ...] = ()
    settled: bool = True
    error: str = ""
    account: Account = NO_ACCOUNT

    @property
    def is_empty(self) -> bool:
        """Whether apply would write nothing, and everything is as it is to be."""
        return not self.error and self.settled and not self.released and not self.pending

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes that do something."""
        return tuple(change for change in self.changes if change.action is not Action.UNCHANGED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens in one environment.

    ``commit`` is empty outside a Git repository. ``rendered_digest`` is the digest of everything rendered.
    ``selection`` names what was asked for (empty: everything) and ``left_out`` counts the objects that were not.
    ``version`` is the version of mlgitops that made the plan. ``spending`` is what the whole environment costs as it is
    to be, beside its budget; None where it has none.
    """

    project: str
    environment: str
    commit: str
    rendered_digest: str
    targets: tuple[TargetPlan, ...]
    selection: tuple[str, ...] = ()
    left_out: int = 0
    version: str = ""
    spending: Spending | None = None

    @property
    def is_empty(self) -> bool:
        """Whether apply would write nothing, and everything is as it is to be."""
        return all(target.is_empty for target in self.targets)

    @property
    def unread(self) -> tuple[TargetPlan, ...]:
        """The targets that could not be read, so that nobody knows what there is to do."""
        return tuple(target for target in self.targets if target.error)

    @property
    def has_work(self) -> bool:
        """Whether there is something to do at a target that was read."""
        return any(not target.error and not target.is_empty for target in self.targets)

    def only(self, kept: Mapping[str, Collection[Identity]]) -> Plan:
        """The part of the plan that is about some objects, by target; nothing else is written or released."""
        return replace(self, targets=tuple(_only(target, kept.get(target.target, ())) for target in self.targets))


def _only(target: TargetPlan, kept: Collection[Identity]) -> TargetPlan:
    changes = tuple(change for change in target.changes if change.identity in kept)
    return replace(target, changes=changes, released=(), settled=True)
