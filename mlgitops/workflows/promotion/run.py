"""Carries drafts through: prepared, judged, and submitted as one pull request, or only shown."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.prepare import Prepared, prepare, propose, refuse_blocked
from mlgitops.workflows.promotion.proposal import Draft, Proposal, Submitted, submit


@dataclass(frozen=True)
class Run:
    """How it is run: ``again`` is the command that prints the pull request, ``now`` a time (RFC 3339).

    ``dry`` has it shown only; ``waits`` is called where it waits for another run.
    """

    again: str
    now: str
    dry: bool = False
    waits: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Result:
    """What came of a proposal: ``submitted`` is None where it was only to be shown."""

    proposal: Proposal
    submitted: Submitted | None


@dataclass(frozen=True)
class Failure:
    """A model (or a group of them) that was left out, or failed where ``error`` is no guard's."""

    model: str
    error: MlgitopsError

    @property
    def not_ready(self) -> bool:
        """Whether it is only not ready yet."""
        return isinstance(self.error, GuardError)


def run(base: Base, draft: Draft, how: Run) -> Result:
    """One pull request for a draft. Raises ``GuardError`` where a gate blocks, unless it is only to be shown."""
    prepared = prepare(base, draft, how.now)
    if not how.dry:
        refuse_blocked(prepared)
    return carry(base, [prepared], how)


def carry(base: Base, prepared: Sequence[Prepared], how: Run) -> Result:
    """One pull request for all that is prepared, shown or submitted."""
    if how.dry:
        return Result(propose(base, prepared, how.again), None)
    forge = base.forge(os.environ)
    proposal = propose(base, prepared, how.again, forge.limits.body)
    return Result(proposal, submit(base, proposal, forge, how.now, how.waits))
