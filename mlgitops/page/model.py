"""Everything that the page shows, as frozen data, from what status, plan, history, gates and audit say."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlgitops.plan.change import Plan
from mlgitops.plan.status import EnvironmentStatus, TargetStatus
from mlgitops.promotion.audit import Verdict
from mlgitops.promotion.columns import Column
from mlgitops.promotion.history import Event
from mlgitops.promotion.judgement import GateResult

_PLAIN = re.compile(r"[a-z0-9]([-.a-z0-9]{0,80}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Place:
    """A target of an environment, with the cloud and region that its file names; empty where it names none."""

    target: str
    cloud: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """An environment on a release's way.

    ``sources`` are the environments that releases come from, empty for the first. ``error`` says why it cannot be
    rendered; then nothing is known of it. ``plan`` is None where it could not be made, and ``plan_error`` says why.
    """

    name: str
    sources: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    status: EnvironmentStatus | None = None
    plan: Plan | None = None
    error: str = ""
    plan_error: str = ""

    @property
    def targets(self) -> tuple[TargetStatus, ...]:
        """What runs at each of its targets; nothing where it cannot be rendered."""
        return self.status.targets if self.status else ()


@dataclass(frozen=True, slots=True)
class Said:
    """What an environment's files say of a model.

    ``trained_at`` is RFC 3339; ``too_old`` says by how much its release is older than it may be, empty where it is not.
    ``hold`` is the reason that nothing may be promoted over it.
    """

    version: str = ""
    trained_at: str = ""
    max_age: str = ""
    too_old: bool = False
    hold: str = ""
    stage: str = ""
    owner: str = ""
    card: str = ""
    runbook: str = ""
    intended_use: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that could be promoted, and what the gates say of it.

    ``problem`` says why it cannot be judged, as where the target is on hold. ``url`` and ``number`` are of the pull
    request that waits; 0 and empty where there is none, or where nobody could be asked.
    """

    source: str
    target: str
    version: str = ""
    gates: tuple[GateResult, ...] = ()
    problem: str = ""
    number: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model or pipeline: its owner in manifests (``Model/NAME``), and all that is known of it.

    ``events`` are oldest first, ``columns`` the releases with their metrics, latest first. ``note`` says what could not
    be read.
    """

    owner: str
    said: Mapping[str, Said] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    columns: tuple[Column, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """Its name alone."""
        return self.owner.partition("/")[2] or self.owner

    @property
    def is_model(self) -> bool:
        """Whether it is a model."""
        return self.owner.startswith("Model/")

    @property
    def path(self) -> str:
        """Where its page is, from the root of the pages."""
        return f"{'models' if self.is_model else 'pipelines'}/{slug(self.name)}.html"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a project stood at a time (RFC 3339). ``commit`` is empty outside a Git repository.

    ``audit`` is None where there is no history to judge. ``notes`` say what could not be found out.
    """

    project: str
    commit: str
    taken_at: str
    version: str
    stages: tuple[Stage, ...]
    subjects: tuple[Subject, ...]
    audit: Verdict | None = None
    notes: tuple[str, ...] = ()


def slug(name: str) -> str:
    """A file name for any name: the name itself where that is harmless, else one made from its digest."""
    if _PLAIN.fullmatch(name):
        return name
    return "_" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]
