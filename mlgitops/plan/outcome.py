"""What an apply did: done, failed or skipped, object by object. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action
from mlgitops.plan.waited import Waited


class Result(StrEnum):
    """How it went with one object."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ObjectOutcome:
    """What became of one change. ``reason`` says why it failed or what it waited for; empty when done.

    ``target`` is where, for whoever is told of many targets at once; what is part of a ``TargetOutcome`` has none.
    """

    identity: Identity
    action: Action
    owner: str
    result: Result
    reason: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """What was done at one target. ``error`` is set where the target as a whole could not be read or written.

    ``waited`` has what was waited for within the apply, since others depend on it.
    """

    target: str
    objects: tuple[ObjectOutcome, ...] = ()
    error: str = ""
    waited: tuple[Waited, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether everything planned was done."""
        return not self.error and all(one.result is Result.DONE for one in self.objects)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done in one environment."""

    environment: str
    commit: str
    targets: tuple[TargetOutcome, ...]

    @property
    def succeeded(self) -> bool:
        """Whether everything planned was done at every target."""
        return all(target.succeeded for target in self.targets)
