"""What becomes of the release that an environment runs when another one comes to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mlgitops.promotion import exposure
from mlgitops.spec.document import load
from mlgitops.spec.release import Release
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.rollout import Rollout
from mlgitops.workflows.promotion.base import Base, model_path
from mlgitops.workflows.promotion.proposal import Draft


def beside(base: Base, draft: Draft) -> Draft:
    """The draft of a promotion or a release; where two releases can run, with the one that runs as the stable one.

    Raises ``FindingsError`` where the model's file cannot be edited.
    """
    request = draft.request
    path, rollout = model_path(request.target, request.model), _rollout(base, request.target, request.model)
    if rollout is None or request.old is None:
        return draft
    data: Any = load(path, base.content(path) or b"").data
    content = exposure.begun(path, draft.files[path], data["spec"]["release"], request.new.version)
    stable = request.old if exposure.answers_all(data) else rollout.stable or request.old
    told = [_note(rollout, stable, request.new), *_over(rollout, request.old, request.new)]
    noted = replace(request, notes=(*request.notes, *told))
    return Draft(noted, {**draft.files, path: content})


def _rollout(base: Base, environment: str, model: str) -> Rollout | None:
    """How releases of a model take over, where that is by running beside each other at one target at least."""
    from mlgitops.spec.resolve import resolve
    from mlgitops.spec.side_by_side import is_progressive
    from mlgitops.workflows.documents import read_project

    files = read_project(base.opened.source, base.opened.cache)[0]
    own: list[ResolvedModel] = [one for one in resolve(files, environment).models if one.name == model]
    return next((one.spec.rollout for one in own if is_progressive(one)), None)


def _over(rollout: Rollout, old: Release, new: Release) -> list[str]:
    """What a release does that comes while the one before is exposed by steps: how far it came, Git does not say."""
    stable = rollout.stable
    if not rollout.steps or stable is None or new.version in (stable.version, old.version):
        return []
    return [
        f"The rollout of {old.version} is still in Git: once this is merged, {stable.version} answers all requests "
        f"again, though {old.version} may answer them by now. Where it does, remove rollout.stable first."
    ]


def _note(rollout: Rollout, stable: Release, new: Release) -> str:
    if stable.version == new.version:
        return f"The rollout ends: {new.version} alone runs, as it did before."
    how = {
        "steps": "the controller exposes it by rollout.steps",
        "canary": "it answers no requests before rollout.canary.weight says so",
        "shadow": "it gets copies of requests, and nobody gets its answers",
        "blueGreen": "it answers no requests before rollout.blueGreen.active is new",
    }["steps" if rollout.steps else rollout.strategy]
    stays = f"{stable.version} stays as rollout.stable, and {new.version} runs beside it"
    return f"A rollout ({rollout.strategy}) begins: {stays}; {how}."
