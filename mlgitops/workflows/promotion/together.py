"""Many models promoted at once: each in a pull request of its own, or those that share a label in one.

In a shared one each model has a commit and a claim of its own. What is on hold, or does not pass its gates, is left out
and does not stop the others; a later run brings it in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlgitops.errors import FindingsError, GuardError, MlgitopsError
from mlgitops.promotion.branch import group_branch
from mlgitops.spec.document import load
from mlgitops.spec.project_files import what_there_is
from mlgitops.workflows.promotion import promote
from mlgitops.workflows.promotion.base import Base, model_path, models_of
from mlgitops.workflows.promotion.prepare import Prepared, prepare, refuse_blocked
from mlgitops.workflows.promotion.proposal import Draft
from mlgitops.workflows.promotion.run import Failure, Result, Run, carry, run

Outcome = Result | Failure


@dataclass(frozen=True)
class Way:
    """From where to where; ``label`` is the one whose value makes a group, empty where each model goes alone."""

    source: str
    target: str
    label: str = ""


def promote_all(base: Base, way: Way, how: Run) -> list[Outcome]:
    """Promotes every model that differs and is ready; what is not is left out, what fails does not stop the others.

    Raises ``MlgitopsError`` where no model of the target has the label.
    """
    groups, outcomes = _groups(base, way)
    for value, models in sorted(groups.items()):
        drafts, failures = _drafts(base, models, way)
        outcomes += failures
        outcomes += _together(base, drafts, f"{way.label}={value}", how) if value else _apart(base, drafts, how)
    return outcomes


def labels_of(base: Base, environment: str, model: str) -> Mapping[str, Any]:
    """A model's own labels in an environment, over those of its base. Raises ``FindingsError``."""
    found: dict[str, Any] = {}
    for path in (f"models/{model}.yaml", model_path(environment, model)):
        content = base.content(path)
        metadata = load(path, content).data.get("metadata") if content is not None else None
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        found |= labels if isinstance(labels, dict) else {}
    return found


def _groups(base: Base, way: Way) -> tuple[dict[str, list[str]], list[Outcome]]:
    """The models by the label's value in the target, "" where they have none; and those that cannot be read."""
    models, failures = _candidates(base, way)
    if not way.label:
        return {"": models}, failures
    groups: dict[str, list[str]] = {}
    known: set[str] = set()
    for model in models:
        try:
            labels = labels_of(base, way.target, model)
        except MlgitopsError as error:
            failures.append(Failure(model, error))
        else:
            known |= labels.keys()
            groups.setdefault(str(labels.get(way.label) or ""), []).append(model)
    if groups and way.label not in known:
        raise _unknown(way, known)
    return groups, failures


def _candidates(base: Base, way: Way) -> tuple[list[str], list[Outcome]]:
    """The models that have a file in the target or may get one, and those that may not, with why."""
    models: list[str] = []
    failures: list[Outcome] = []
    for model in models_of(base, way.source):
        try:
            promote.require_place(base, model, way.source, way.target)
        except MlgitopsError as error:
            failures.append(Failure(model, error))
        else:
            models.append(model)
    return models, failures


def _unknown(way: Way, known: set[str]) -> MlgitopsError:
    return MlgitopsError(
        f"no model of {way.target} has the label '{way.label}'",
        help=what_there_is(way.label, sorted(known), "labels"),
    )


def _drafts(base: Base, models: Sequence[str], way: Way) -> tuple[list[Draft], list[Outcome]]:
    """What is to be promoted of some models, and those that are not ready or fail."""
    drafts: list[Draft] = []
    failures: list[Outcome] = []
    for model in models:
        try:
            draft = promote.draft(base, model, way.source, way.target)
        except MlgitopsError as error:
            failures.append(Failure(model, error))
        else:
            drafts += [draft] if draft else []
    return drafts, failures


def _apart(base: Base, drafts: Sequence[Draft], how: Run) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for draft in drafts:
        try:
            outcomes.append(run(base, draft, how))
        except MlgitopsError as error:
            outcomes.append(_failure(draft, error))
    return outcomes


def _together(base: Base, drafts: Sequence[Draft], group: str, how: Run) -> list[Outcome]:
    """What was left out of the group's pull request, and that."""
    ready: list[Prepared] = []
    outcomes: list[Outcome] = []
    for draft in drafts:
        try:
            prepared = prepare(base, _of_group(draft, group), how.now)
            refuse_blocked(prepared)
        except MlgitopsError as error:
            outcomes.append(_failure(draft, error))
        else:
            ready.append(prepared)
    try:
        return [*outcomes, *([carry(base, ready, how)] if ready else [])]
    except MlgitopsError as error:
        return [*outcomes, Failure(group, error)]


def _failure(draft: Draft, error: MlgitopsError) -> Failure:
    """What became of a draft; a model that is new to the target is only not ready where nothing could be rendered."""
    request = draft.request
    if request.old is None and isinstance(error, FindingsError):
        first = error.findings[0]
        told = f"a file of its own would not do in {request.target}: {first.location}: {first.message}"
        return Failure(request.model, GuardError(told, help="Correct that file on the branch, then run this again."))
    return Failure(request.model, error)


def _of_group(draft: Draft, group: str) -> Draft:
    """The same as a part of a group. Raises ``MlgitopsError`` where the group's value can be no branch."""
    request = draft.request
    try:
        group_branch(request.kind, request.target, group)
    except ValueError as error:
        raise MlgitopsError(
            f"{group}: no branch can have that name", help="Give the label another value, or promote them alone."
        ) from error
    return replace(draft, request=replace(request, group=group))
