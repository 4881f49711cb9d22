"""What a claim's change has to be, worked out again from the protected branch by the rules of the verb itself.

Only what nobody else can know is taken from what is merged: the fields of a release from training and what was measured
of it, the words of a hold, and when and by what a model that retires is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.evidence import evidence_path
from mlgitops.promotion.request import Request
from mlgitops.spec.document import load
from mlgitops.spec.release import release_digest
from mlgitops.workflows.promotion import complete, promote, release, retire, rollback
from mlgitops.workflows.promotion.base import Base, model_path
from mlgitops.workflows.promotion.past import held_releases

Changes = Mapping[str, bytes | None]
"""The new content of files that change, by path from the project's root; None for one that goes."""

_NAMES = {
    Kind.PROMOTE: "promotion",
    Kind.RELEASE: "release",
    Kind.ROLLBACK: "rollback",
    Kind.RELEASE_HOLD: "lifting of the hold",
    Kind.RETIRE: "retirement",
    Kind.COMPLETE: "completion",
    Kind.RETRAIN: "retraining",
}


def refused(base: Base, request: Request, changes: Changes, now: str) -> list[str]:
    """What is wrong with a change, in words; nothing where it is what the verb makes of the base.

    ``changes`` are those of the model's file and its evidence, ``now`` a time (RFC 3339). Raises ``FindingsError``.
    """
    try:
        _require_source(request)
        differing = [_differing(base, made, changes) for made in _made(base, request, changes, now)]
    except FindingsError:
        raise
    except MlgitopsError as error:
        return [error.message]
    name = _NAMES[request.kind]
    return [f"{path} is not what the {name} makes of it" for path in differing[0]] if all(differing) else []


def _require_source(request: Request) -> None:
    source = {Kind.PROMOTE: request.source, Kind.RELEASE: ""}.get(request.kind, request.target)
    if request.source != source:
        said, true = (name or "training" for name in (request.source, source))
        raise MlgitopsError(f"it is claimed to come from {said}, but a {request.kind} comes from {true}")
    if not request.kind.changes_release and request.old != request.new:
        raise MlgitopsError(f"a {request.kind} changes no release, but this one does")


def _differing(base: Base, made: Mapping[str, bytes], changes: Changes) -> list[str]:
    """The files that are not as they should be; one of which nothing is made stays as it is."""
    return [
        path
        for path in dict.fromkeys((*made, *changes))
        if (changes[path] if path in changes else base.content(path)) != made.get(path, base.content(path))
    ]


def _made(base: Base, request: Request, changes: Changes, now: str) -> list[Mapping[str, bytes]]:
    """The files as the verb writes them; several ways where it may have several. Raises ``MlgitopsError``."""
    if request.kind is Kind.PROMOTE:
        return [_promoted(base, request)]
    spec = _spec(request, changes)
    if request.kind is Kind.RELEASE:
        return [_released(base, request, spec, changes)]
    if request.kind is Kind.ROLLBACK:
        return _rolled_back(base, request, spec)
    if request.kind is Kind.RETIRE:
        return [_retired(base, request, spec, now)]
    if request.kind is Kind.RETRAIN:
        return [{}]  # of a pipeline alone
    if request.kind is Kind.COMPLETE:
        return [complete.draft(base, request.model, request.target).files]
    lifted = rollback.lift(base, request.model, request.target)
    if lifted is None:
        raise MlgitopsError(f"there is no hold on {request.model} in {request.target}")
    return [lifted.files]


def _promoted(base: Base, request: Request) -> Mapping[str, bytes]:
    source, target = promote.way(base, request.source, request.target, request.model)
    draft = promote.draft(base, request.model, source, target, request.new.version)
    if draft is None or release_digest(draft.request.new) != release_digest(request.new):
        raise MlgitopsError(f"the release is not what {source} has as {request.new.version}")
    return draft.files


def _released(base: Base, request: Request, spec: Mapping[str, Any], changes: Changes) -> Mapping[str, bytes]:
    brought = changes.get(f"environments/{request.target}/{evidence_path(request.model, request.new.version)}")
    draft = release.draft(base, request.model, request.target, _block(spec, "release"), brought)
    if draft is None:
        raise MlgitopsError(f"{request.target} has that release of {request.model} already")
    return draft.files


def _rolled_back(base: Base, request: Request, spec: Mapping[str, Any]) -> list[Mapping[str, bytes]]:
    """One way for every time that the environment has held the release, since comments of it may differ."""
    model, target, hold = request.model, request.target, _block(spec, "hold")
    if not hold:
        raise MlgitopsError("a rollback sets a hold, but this one does not")
    if request.old is None or release_digest(request.old) == release_digest(request.new):
        raise MlgitopsError(f"a rollback brings another release back than {target} runs, but this one does not")
    held = [one for one in held_releases(base, target, model) if one.digest == release_digest(request.new)]
    if not held:
        raise MlgitopsError(f"the release has never been in {target}")
    return [rollback.restored(base, target, model, one, hold) for one in held]


def _retired(base: Base, request: Request, spec: Mapping[str, Any], now: str) -> Mapping[str, bytes]:
    said = _block(spec, "lifecycle")
    today = datetime.fromisoformat(now).astimezone(UTC).date().isoformat()
    terms = retire.Terms(today, str(said.get("replacedBy") or ""), str(said.get("sunset") or ""), offline=True)
    draft = retire.draft(base, request.model, request.target, terms)
    if draft is None:
        raise MlgitopsError(f"{request.model} is retired in {request.target} already")
    if draft.request.stage != request.stage:
        raise MlgitopsError(f"the next step is {draft.request.stage}, and not {request.stage or 'none'}")
    return draft.files


def _spec(request: Request, changes: Changes) -> Mapping[str, Any]:
    """The spec in the model's file as it is merged."""
    path = model_path(request.target, request.model)
    return _block(load(path, changes.get(path) or b"").data, "spec")


def _block(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}
