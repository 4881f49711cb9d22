"""``mlgitops status``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, output_option, project_options, selection_options

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.plan.problem import OnCall, Watched
    from mlgitops.workflows.project import Opened


@click.command()
@selection_options
@click.option(
    "--all", "everything", is_flag=True, help="The whole project on one screen: what is wrong and what to do."
)
@click.option(
    "--controller", default="", metavar="PLACE", envvar="MLGITOPS_CONTROLLER",
    help="With --all, what a controller knows too: its state directory, http://HOST:PORT, or "
    "kubernetes:[CONTEXT/]NAMESPACE. Else the one that the Project names.",
)  # fmt: skip
@click.option("--verbose", "-v", is_flag=True, help="With --all, list every problem, and what is well.")
@output_option("text", "json")
@color_option
@project_options
def status(
    opened: Opened,
    asked: Asked,
    everything: bool,
    controller: str,
    verbose: bool,
    outputs: list[tuple[str, Path | None]],
    color: str,
) -> int:
    """Tell what runs where, how it is, and from which commit; what is not well comes first.

    Of each model and pipeline: its release, its health with the reason and since when, whether somebody changed it
    since the last apply (drift) and whether Git asks for something else by now (pending). Of targets that are files it
    is only known that they are rendered. Exits with 1 where anything has failed or a target cannot be read, else 0.

    --all is for a person on call: what is wrong in the whole project, where, since when and what to do, worst first.
    What is well is counted. It exits with 1 where anybody has to act; what merely waits or goes on is no reason.

    \b
    Examples:
      mlgitops status
      mlgitops status --env prod --model fraud-detector
      mlgitops status --all --controller kubernetes:hub/mlgitops
      mlgitops status -o json | jq '.environments[].targets[].running[] | select(.health.state != "ready")'
    """
    from mlgitops.plan.asked import Asked

    if everything and asked != Asked():
        raise click.UsageError("--all is about the whole project; leave it out to choose a part")
    if everything:
        return _everything(opened, controller, outputs, color, verbose=verbose)
    return _chosen(opened, asked, outputs, color)


def _chosen(opened: Opened, asked: Asked, outputs: list[tuple[str, Path | None]], color: str) -> int:
    from mlgitops.cli.terminal import now, style_for, write
    from mlgitops.report import status as report
    from mlgitops.workflows.status import status as find

    found = find(opened, asked)
    write(outputs, {
        "text": lambda: report.text(found, style_for(sys.stdout, color), now()),
        "json": lambda: report.json(found),
    })  # fmt: skip
    return 1 if any(one.failing for one in found) else 0


def _everything(
    opened: Opened, controller: str, outputs: list[tuple[str, Path | None]], color: str, *, verbose: bool
) -> int:
    from mlgitops.cli.terminal import now, style_for, width, write
    from mlgitops.report import on_call as report

    found = _on_call(opened, controller)
    write(outputs, {
        "text": lambda: report.text(found, style_for(sys.stdout, color), now(), width(), verbose=verbose),
        "json": lambda: report.json(found),
    })  # fmt: skip
    return 1 if found.wrong else 0


def _on_call(opened: Opened, controller: str) -> OnCall:
    from mlgitops.workflows.on_call import declared_controller, on_call

    place = controller or declared_controller(opened)
    return on_call(opened, _asked(place) if place else None)


def _asked(place: str) -> Watched:
    """What the controller knows; that it cannot be asked is a problem like any other."""
    import time

    from mlgitops.controller.place import ask
    from mlgitops.errors import MlgitopsError
    from mlgitops.plan.problem import Problem, Watched

    try:
        return ask(place, time.time())
    except MlgitopsError as error:
        return Watched(problems=(Problem("no controller", reason=error.message, help=error.help),))
