"""``mlgitops rollout``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from mlgitops.cli.options import one_environment_option

if TYPE_CHECKING:
    from mlgitops.controller.requests import Verb

Command = Callable[..., Any]
_controller_option = click.option(
    "--controller",
    default="",
    metavar="PLACE",
    envvar="MLGITOPS_CONTROLLER",
    help="The controller: its state directory, or kubernetes:[CONTEXT/]NAMESPACE. Else the one that the Project names.",
)

_model_option = click.option(
    "--model",
    "-m",
    default="",
    metavar="MODEL",
    help="The rollout of this model by steps, not that of targets.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def rollout() -> None:
    """Tell the controller what a person decided about an environment. It does so at its next look, within seconds.

    \b
    Examples:
      mlgitops rollout approve --env prod
      mlgitops rollout abort --env prod --model fraud-detector
    """


@rollout.command(short_help="Go on with a rollout that stopped or was aborted.")
@one_environment_option
@_model_option
@_controller_option
def resume(environment: str, model: str, controller: str) -> None:
    """Go on with a rollout that stopped or was aborted: what failed is tried again at once.

    With --model, a new release that was aborted is exposed again from the first step.

    \b
    Examples:
      mlgitops rollout resume --env prod
      mlgitops rollout resume --env prod --model fraud-detector
    """
    from mlgitops.controller.requests import Verb

    _ask(Verb.RESUME, environment, controller, model)


@rollout.command(short_help="End a rollout where it is.")
@one_environment_option
@_model_option
@_controller_option
def abort(environment: str, model: str, controller: str) -> None:
    """End a rollout where it is: nothing more of it is written, until it is resumed or Git says something else.

    With --model, the stable release gets all requests again.

    \b
    Examples:
      mlgitops rollout abort --env prod
      mlgitops rollout abort --env prod --model fraud-detector
    """
    from mlgitops.controller.requests import Verb

    _ask(Verb.ABORT, environment, controller, model)


@rollout.command(short_help="Let the controller apply what Git says now.")
@one_environment_option
@_controller_option
def approve(environment: str, controller: str) -> None:
    """Let the controller apply what Git says now, in an environment whose mode is manual.

    \b
    Example:
      mlgitops rollout approve --env prod --controller kubernetes:hub/mlgitops
    """
    from mlgitops.controller.requests import Verb

    _ask(Verb.APPROVE, environment, controller)


def _ask(verb: Verb, environment: str, controller: str, model: str = "") -> None:
    from mlgitops.cli.terminal import show
    from mlgitops.controller.asking import refuse
    from mlgitops.controller.requests import Request
    from mlgitops.controller.stores import store_at

    place = controller or _declared()
    store = store_at(place)
    request = Request(verb, environment, model)
    refuse(request, store.read(), place)
    store.ask(request)
    show(f"The controller is asked to {verb} the rollout {f'of {model} in' if model else 'to'} {environment}.")


def _declared() -> str:
    """The place that the Project names. It is an error where it names none."""
    from mlgitops.workflows.on_call import declared_controller
    from mlgitops.workflows.project import open_project

    place = declared_controller(open_project(None, None))
    if not place:
        raise click.UsageError("say which controller: --controller PLACE, or spec.controller in mlgitops.yaml")
    return place
