"""A rollback: a release that the environment has run before, and a hold so that nothing is promoted over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.exposure import ended
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import copy_block, remove, set_value
from mlgitops.spec.document import load
from mlgitops.spec.release import release_digest
from mlgitops.tools import git_history, git_objects
from mlgitops.tools.git_merge import identity
from mlgitops.workflows.promotion.base import (
    Base,
    model_path,
    read_model,
    release_of,
    require_environment,
    unknown_model,
)
from mlgitops.workflows.promotion.past import Held, evidence_of, held_releases, held_version
from mlgitops.workflows.promotion.proposal import Draft

HOLD = ("spec", "hold")


@dataclass(frozen=True)
class Hold:
    """Why nothing is to be promoted over it (the versions, where it is empty), since when (RFC 3339), and by whom."""

    reason: str
    since: str
    by: str


def draft(base: Base, model: str, environment: str, version: str, hold: Hold) -> Draft:
    """Back to ``version``, or to the release that ran before the one that runs now, and a hold.

    Raises ``MlgitopsError`` where there is no such release, or it is the one that runs.
    """
    require_environment(base, environment)
    document = read_model(base, environment, model)
    current = release_of(document)
    if current is None:
        raise MlgitopsError(
            f"{model} has no release in {environment} to roll back", help=f"See what has run: mlgitops history {model}"
        )
    held = held_version(base, environment, model, version) if version else _before(base, environment, model)
    if held.digest == release_digest(current):
        raise MlgitopsError(
            f"{model} runs {current.version} in {environment} already",
            help=f"Name an older one with --to: mlgitops history {model} lists them.",
        )
    base.refuse_links(document.path)
    said = hold.reason or f"rolled back from {current.version} to {held.release.version}"
    request = Request(
        Kind.ROLLBACK, model, environment, environment, current, held.release, restored=held.commit, reason=said
    )
    block = _waiting(base, request, document.path) or {"reason": said, "since": hold.since, "by": hold.by}
    return Draft(request, restored(base, environment, model, held, block))


def restored(base: Base, environment: str, model: str, held: Held, hold: Mapping[str, Any]) -> dict[str, bytes]:
    """The model's file and the evidence with a release that it has held, and a hold (fields as in YAML).

    A rollout that is under way ends with it.
    """
    path = model_path(environment, model)
    content = base.content(path)
    if content is None:
        raise unknown_model(base, environment, model)
    back = ended(path, copy_block(held.path, held.content, path, content))
    changed = set_value(path, back, HOLD, {name: value for name, value in hold.items() if value})
    return {path: changed, **evidence_of(base, environment, held.release, environment, held.commit)}


def _waiting(base: Base, request: Request, path: str) -> dict[str, Any] | None:
    """The hold as it waits on our branch already, for the same reason: so that a second run changes nothing."""
    head = base.remote(request.branch).head()
    if not head or git_history.is_ancestor(base.git_dir, head, base.commit):
        return None
    entry = git_objects.files(base.git_dir, head, base.prefix + path).get(base.prefix + path)
    try:
        data = load(path, git_objects.blobs(base.git_dir, [entry.object])[entry.object]).data if entry else {}
    except FindingsError:
        return None
    spec = data.get("spec")
    hold = spec.get("hold") if isinstance(spec, dict) else None
    return hold if isinstance(hold, dict) and hold.get("reason") == request.reason else None


def lift(base: Base, model: str, environment: str) -> Draft | None:
    """The hold taken away again; None where there is none."""
    require_environment(base, environment)
    document = read_model(base, environment, model)
    release, content = release_of(document), base.content(document.path)
    if release is None or content is None or "hold" not in document.data["spec"]:
        return None
    base.refuse_links(document.path)
    request = Request(Kind.RELEASE_HOLD, model, environment, environment, release, release)
    return Draft(request, {model_path(environment, model): remove(document.path, content, HOLD)})


def _before(base: Base, environment: str, model: str) -> Held:
    """What ran before the current release ran for the first time: so a second rollback goes further back."""
    held = held_releases(base, environment, model)
    digests = [one.digest for one in held]
    first = len(digests) - 1 - digests[::-1].index(digests[0]) if held else 0
    if first + 1 >= len(held):
        raise MlgitopsError(f"{model} has run no other release in {environment} before", help=_otherwise(held))
    return held[first + 1]


def _otherwise(held: Sequence[Held]) -> str:
    """What to do where nothing ran before the release that runs now. It may have come back after others."""
    others = dict.fromkeys(one.release.version for one in held if one.digest != held[0].digest)
    if others:
        return f"Name one with --to: {', '.join(others)}."
    return "There is nothing to go back to: bring another release by mlgitops promote or mlgitops release."


def whoever(base: Base) -> str:
    """Who runs this, as Git knows them: ``NAME <MAIL>``."""
    return "{} <{}>".format(*identity(base.git_dir))
