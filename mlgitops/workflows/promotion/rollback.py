"""A rollback: a release that the environment has run before, and a hold so that nothing is promoted over it."""

from __future__ import annotations

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import copy_block, remove, set_value
from mlgitops.spec.release import release_digest
from mlgitops.workflows.promotion.base import Base, model_path, read_model, release_of, require_environment
from mlgitops.workflows.promotion.past import Held, evidence_of, held_releases, held_version
from mlgitops.workflows.promotion.proposal import Draft

HOLD = ("spec", "hold")


def draft(base: Base, model: str, environment: str, version: str, reason: str, by: str, now: str) -> Draft:
    """Back to ``version``, or to the release that ran before the one that runs now.

    Raises ``MlgitopsError`` where there is no such release, or it is the one that runs.
    """
    require_environment(base, environment)
    document = read_model(base, environment, model)
    current = release_of(document)
    if current is None:
        raise MlgitopsError(f"{model} has no release in {environment} to roll back")
    held = held_version(base, environment, model, version) if version else _before(base, environment, model)
    if held.digest == release_digest(current):
        raise MlgitopsError(f"{model} runs {current.version} in {environment} already")
    path, content = document.path, base.content(document.path)
    assert content is not None
    base.refuse_links(path)
    restored = copy_block(held.path, held.content, path, content)
    said = reason or f"rolled back from {current.version} to {held.release.version}"
    changed = set_value(path, restored, HOLD, {"reason": said, "since": now, "by": by})
    request = Request(
        Kind.ROLLBACK, model, environment, environment, current, held.release, restored=held.commit, reason=said
    )
    return Draft(request, {path: changed, **evidence_of(base, environment, held.release, environment, held.commit)})


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
        raise MlgitopsError(f"{model} has run no other release in {environment} before", help="Name one with --to.")
    return held[first + 1]
