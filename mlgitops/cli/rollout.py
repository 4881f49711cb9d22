"""``mlgitops rollout``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlgitops.cli.controller import default_state, election_option, state_option

if TYPE_CHECKING:
    from mlgitops.controller.requests import Verb

Command = Callable[..., Any]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def rollout() -> None:
    """Tell the controller what a person decided about an environment's rollout.

    It does so at its next look, within seconds. Give --state or --leader-election as the controller has it.
    """


def _options(command: Command) -> Command:
    environment = click.option("--env", "-e", "environment", required=True, metavar="ENV", help="The environment.")
    return environment(state_option(election_option(command)))


@rollout.command()
@_options
def resume(environment: str, state: Path | None, election: str) -> None:
    """Go on with a rollout that stopped or was aborted: what failed is tried again at once.

    \b
    Example:
      mlgitops rollout resume --env prod
    """
    from mlgitops.controller.requests import Verb

    _ask(Verb.RESUME, environment, state, election)


@rollout.command()
@_options
def abort(environment: str, state: Path | None, election: str) -> None:
    """End a rollout where it is: nothing more of it is written, until it is resumed or Git says something else.

    \b
    Example:
      mlgitops rollout abort --env prod
    """
    from mlgitops.controller.requests import Verb

    _ask(Verb.ABORT, environment, state, election)


@rollout.command()
@_options
def approve(environment: str, state: Path | None, election: str) -> None:
    """Let the controller apply what Git says now, in an environment whose mode is manual.

    \b
    Example:
      mlgitops rollout approve --env prod
    """
    from mlgitops.controller.requests import Verb

    _ask(Verb.APPROVE, environment, state, election)


def _ask(verb: Verb, environment: str, state: Path | None, election: str) -> None:
    from mlgitops.cli.terminal import show
    from mlgitops.controller.requests import Request
    from mlgitops.controller.stores import store_at

    store = store_at(state or default_state(), election)
    known = {key.environment for key in store.read().targets}
    if environment not in known:
        raise click.UsageError(
            f"the controller knows no environment '{environment}'; it knows {', '.join(sorted(known)) or 'none'}"
        )
    store.ask(Request(verb, environment))
    show(f"The controller is asked to {verb} {environment}.")
