"""Explains the value of a field: what it is at each target, and which files have a say in it. Reads only."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.errors import MlgitopsError
from mlgitops.plan.asked import Asked
from mlgitops.spec.field_value import FieldValue, field_value
from mlgitops.spec.project_files import what_there_is
from mlgitops.spec.resolve import all_resolved
from mlgitops.spec.resolved import Resolved, ResolvedModel
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import checked


def values(opened: Opened, asked: Asked, field: str) -> list[FieldValue]:
    """The field (``model.spec.serving.scaling.max``) of the models asked for, by environment and target.

    Raises ``MlgitopsError`` for a field outside a spec, and where nothing of that name is there.
    """
    kind, _, path = field.partition(".")
    if kind.lower() not in ("model", "pipeline") or not path.startswith("spec."):
        raise MlgitopsError(
            f"'{field}' has no value in a model or pipeline", help="name a field such as model.spec.serving.scaling.max"
        )
    pointer = tuple(int(part) if part.isdigit() else part for part in path.split(".")[1:])
    found = [one for one in _resolved(opened, asked) if isinstance(one, ResolvedModel) == (kind.lower() == "model")]
    chosen = [one for one in found if not asked.models or one.name in asked.models]
    if not chosen:
        raise _nothing(asked.models, {one.name for one in found})
    return [field_value(one, f"{kind.capitalize()}/{one.name}", pointer) for one in chosen]


def _resolved(opened: Opened, asked: Asked) -> Iterator[Resolved]:
    for environment in choose_environments(opened, asked.environments):
        for one in all_resolved(checked(opened.source, environment, opened.cache)[0]):
            if not asked.targets or one.place.target in asked.targets:
                yield one


def _nothing(asked: tuple[str, ...], known: set[str]) -> MlgitopsError:
    return MlgitopsError(
        f"there is no '{asked[0]}' that can be read" if asked else "there is nothing of this kind that can be read",
        help=what_there_is(asked[0] if asked else "", sorted(known), "there are"),
    )
