"""Whether anything can come of what a person asks of a controller, so that nobody asks in vain. Pure."""

from __future__ import annotations

import shlex

from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import ModelKey, State, TargetState, Word
from mlgitops.errors import MlgitopsError
from mlgitops.progressive.progress import Phase


def refuse(request: Request, state: State, place: str) -> None:
    """Raises ``MlgitopsError`` where nothing can come of a request to the controller in a place, which knows that."""
    known = sorted({key.environment for key in state.targets})
    name = request.environment
    if not known:
        raise MlgitopsError(
            f"no controller that keeps its state in {place} has looked at a target yet",
            help="see that it runs, and that this is its --state directory, or kubernetes:[CONTEXT/]NAMESPACE",
        )
    if name not in known:
        raise MlgitopsError(
            f"the controller in {place} knows no environment '{name}'", help=f"it knows {', '.join(known)}"
        )
    if request.model:
        _refuse_model(request, state)
    if request.verb is Verb.APPROVE and not _awaits_approval(state, name):
        command = shlex.join(["mlgitops", "status", "--all", "--controller", place])
        raise MlgitopsError(
            f"nothing in {name} waits to be approved",
            help=f"that is for reconcile.mode manual; `{command}` says what is held back, and why",
        )


def _refuse_model(request: Request, state: State) -> None:
    progress = state.progress.get(ModelKey(request.environment, request.model))
    if progress is None:
        raise MlgitopsError(
            f"no rollout by steps of {request.model} is under way in {request.environment}",
            help="that takes rollout.steps and rollout.stable in the model's file",
        )
    wanted = (Phase.WAITING, Phase.STEPPING) if request.verb is Verb.ABORT else (Phase.ABORTED,)
    if progress.phase not in wanted:
        raise MlgitopsError(
            f"the rollout of {request.model} {progress.new} in {request.environment} is {progress.phase}",
            help="abort is for one that is under way, resume for one that was aborted",
        )


def _awaits_approval(state: State, environment: str) -> bool:
    return any(_names_approval(one) for key, one in state.targets.items() if key.environment == environment)


def _names_approval(one: TargetState) -> bool:
    """Whether the controller itself names the approval as what to do about a target."""
    return one.result is not None and one.result.word is Word.PENDING and "rollout approve" in one.result.help
