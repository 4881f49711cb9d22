"""Every release that ran, from the protected branch's history alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mlgitops.promotion.trail import ReleaseChange, Step, claim_of
from mlgitops.promotion.trailers import Trailers


@dataclass(frozen=True, slots=True)
class Event:
    """A release came to an environment, or left it.

    ``kind`` is ``promote``, ``rollback``, ``release``, or empty where no trailers say so; ``version`` and
    ``release_digest`` are empty where the release was taken away. ``commit`` is the one on the protected branch.
    """

    model: str
    environment: str
    version: str
    time: str
    commit: str
    kind: str = ""
    source: str = ""
    release_digest: str = ""
    evidence_digest: str = ""
    plan_digest: str = ""
    gates: tuple[tuple[str, str], ...] = ()
    actor: str = ""
    pull_request: int | None = None
    approved_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The event as JSON data with the names that the documentation gives."""
        words = {_camel(name): value for name, value in asdict(self).items()}
        return {**words, "gates": dict(self.gates), "approvedBy": list(self.approved_by)}


def events(steps: Iterable[Step], model: str, environments: Iterable[str] = ()) -> list[Event]:
    """The events of a model, oldest first, in some environments or in all."""
    wanted = set(environments)
    return [
        _event(step, change)
        for step in steps
        for change in step.changes
        if change.moves and change.model == model and (not wanted or change.environment in wanted)
    ]


def _event(step: Step, change: ReleaseChange) -> Event:
    claim = claim_of(step, change)
    about = {"actor": step.author, **dict(_claimed(claim[1]) if claim else ())}
    return Event(
        change.model, change.environment, change.version, step.time, step.commit, release_digest=change.digest,
        evidence_digest=change.evidence, pull_request=step.pull_request, approved_by=step.approved_by, **about,
    )  # fmt: skip


def _claimed(trailers: Trailers) -> Iterator[tuple[str, Any]]:
    yield "kind", trailers.change.value
    yield "source", trailers.source
    yield "plan_digest", trailers.plan_digest
    yield "gates", trailers.gates
    if trailers.actor:
        yield "actor", trailers.actor


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
