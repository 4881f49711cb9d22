"""Carries a draft through: prepared, judged, and submitted as one pull request, or only shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.workflows.promotion import promote
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.prepare import Prepared, prepare, refuse_blocked
from mlgitops.workflows.promotion.proposal import Draft, Submitted, submit


@dataclass(frozen=True)
class Result:
    """What came of one model: ``submitted`` is None where it was only to be shown."""

    prepared: Prepared
    submitted: Submitted | None


@dataclass(frozen=True)
class Failure:
    """A model that was left out, or failed where ``error`` is no guard's."""

    model: str
    error: MlgitopsError

    @property
    def not_ready(self) -> bool:
        """Whether it is only not ready yet."""
        return isinstance(self.error, GuardError)


def run(base: Base, draft: Draft, again: str, now: str, *, dry_run: bool) -> Result:
    """One pull request for a draft. Raises ``GuardError`` where a gate blocks, unless it is only to be shown."""
    if dry_run:
        return Result(prepare(base, draft, again, now), None)
    forge = base.forge(os.environ)
    prepared = prepare(base, draft, again, now, forge.limits.body)
    refuse_blocked(prepared)
    return Result(prepared, submit(base, prepared.proposal, forge, now))


def promote_all(base: Base, source: str, target: str, one: Callable[[Draft], Result]) -> list[Result | Failure]:
    """Promotes every model that differs and is ready; what is not is left out, what fails does not stop the others."""
    return [
        outcome
        for model in promote.candidates(base, source, target)
        if (outcome := _try(base, model, source, target, one))
    ]


def _try(base: Base, model: str, source: str, target: str, one: Callable[[Draft], Result]) -> Result | Failure | None:
    try:
        draft = promote.draft(base, model, source, target)
        return one(draft) if draft else None
    except MlgitopsError as error:
        return Failure(model, error)
