"""One pull request that follows from what was seen of a release, with the evidence in the same commit.

Safe to be run again: the branch follows from the action, and the evidence from the first time that the cause was seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlgitops.errors import GuardError
from mlgitops.promotion.exposure import STABLE
from mlgitops.response import evidence
from mlgitops.response.cause import OF_ROLLOUTS, Cause
from mlgitops.response.policy import command
from mlgitops.spec.positions import value_of
from mlgitops.workflows.promotion import complete, retire, retrain, rollback
from mlgitops.workflows.promotion.base import Base, read_model, release_of
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.run import Run, run

if TYPE_CHECKING:
    from mlgitops.response.ledger import Known
    from mlgitops.workflows.promotion.proposal import Submitted


def respond(base: Base, known: Known, now: str) -> Submitted | None:
    """Opens the pull request, or finds it; None where it was merged before. ``now`` is a time (RFC 3339).

    Raises ``GuardError`` where Git has gone on or a gate blocks, and ``MlgitopsError`` where it cannot be made.
    """
    cause, action = known.cause, known.action
    if base.content(evidence.path(known)) is not None:
        return None
    _require_current(base, cause)
    made = _draft(base, known, now)
    request = replace(made.request, notes=(*made.request.notes, *evidence.notes(known)))
    draft = Draft(request, {**made.files, evidence.path(known): evidence.content(known)})
    return run(base, draft, Run(command(cause, action), now)).submitted


def _require_current(base: Base, cause: Cause) -> None:
    release = release_of(read_model(base, cause.environment, cause.model))
    if release is None or release.version != cause.version:
        has = release.version if release else "no release"
        raise GuardError(
            f"it was seen of {cause.version}, but Git has {has} in {cause.environment} by now",
            help="Nothing is proposed for a release that is gone.",
        )


def _draft(base: Base, known: Known, now: str) -> Draft:
    cause = known.cause
    if known.action == "rollback":
        stable = value_of(read_model(base, cause.environment, cause.model).data, (*STABLE, "version"))
        hold = rollback.Hold(_why(known), now, rollback.whoever(base))
        return rollback.draft(base, cause.model, cause.environment, str(stable or ""), hold)
    if known.action == "deprecate":
        return _deprecated(base, cause, now)
    if known.action == "retrain":
        return _retrained(base, known)
    return complete.draft(base, cause.model, cause.environment)


def _retrained(base: Base, known: Known) -> Draft:
    """Another run, unless a newer release than the one that was seen is on its way already."""
    cause = known.cause
    made = retrain.draft(base, retrain.Asked(cause.model, reason=_why(known)))
    newest, where = made.request.new.version, made.request.target
    if newest != cause.version:
        raise GuardError(
            f"{where} has {newest} of {cause.model}, which is not what this was seen of ({cause.version})",
            help=f"Promote it, or train anew: {command(cause, known.action)}",
        )
    return made


def _deprecated(base: Base, cause: Cause, now: str) -> Draft:
    """The announcement alone: that a model ends is never decided by an alert."""
    made = retire.draft(base, cause.model, cause.environment, retire.Terms(now[:10], offline=True))
    if made is None or made.request.stage != "deprecated":
        raise GuardError(
            f"{cause.model} is deprecated in {cause.environment} already", help="mlgitops retire takes it further."
        )
    return made


def _why(known: Known) -> str:
    """The reason for a hold, which is the same on every run."""
    cause = known.cause
    seen = cause.signal.value if cause.signal in OF_ROLLOUTS else f"{cause.signal.value} ({cause.name})"
    return f"{seen} was seen of {cause.version}"
