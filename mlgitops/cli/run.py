"""``mlgitops run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import (
    color_option,
    one_environment_option,
    output_option,
    parameters_option,
    project_options,
)
from mlgitops.cli.wait import Duration

if TYPE_CHECKING:
    from mlgitops.plan.run import RunState
    from mlgitops.workflows.project import Opened
    from mlgitops.workflows.run import Run

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Of which the ends of names are made: without those that look like others."""


@click.command()
@click.argument("pipeline", required=False, default="")
@one_environment_option
@click.option("--target", "-t", default="", metavar="TARGET", help="Where; may be left out where there is only one.")
@parameters_option
@click.option("--allow-drift", is_flag=True, help="Run what is at the target, also where it is not what Git says.")
@click.option("--no-follow", is_flag=True, help="Start it and be done.")
@click.option("--follow", "name", default="", metavar="RUN", help="Start nothing; follow a run that was started.")
@click.option("--timeout", type=Duration(), default="24h", show_default=True, help="For how long to follow it at most.")
@output_option("text", "json")
@color_option
@project_options
def run(
    opened: Opened,
    pipeline: str,
    environment: str,
    target: str,
    parameters: dict[str, str],
    allow_drift: bool,
    no_follow: bool,
    name: str,
    timeout: float,
    outputs: list[tuple[str, Path | None]],
    color: str,
) -> int:
    """Start one run of a pipeline, and follow it to its end.

    It runs what is at the target: a Workflow of Argo's from the WorkflowTemplate there, which has to be as Git says. On
    the run is written who started it, by Git's settings, and the commit. Each change of a step is a line. An interrupt
    stops the following, not the run.

    Exits with 0 where the run succeeded, or was started with --no-follow, and with 1 where it failed or did not end in
    time. A pipeline of training alone has no runs of its own: Git starts it, once for each change.

    \b
    Examples:
      mlgitops run mnist-training --env dev
      mlgitops run mnist-training --env dev --set epochs=3 --no-follow
      mlgitops run --follow mnist-training-x7k2pq --env dev --target aws-dev -o json
    """
    import secrets

    from mlgitops.tools.git_committer import who
    from mlgitops.workflows.run import Start, find, start

    if bool(pipeline) == bool(name) or (name and (parameters or no_follow or allow_drift)):
        raise click.UsageError("name a PIPELINE to start, or a run with --follow and nothing to start it with")
    if name:
        found = find(opened, environment, target, name)
    else:
        asked = Start(pipeline, environment, target, parameters, allow_drift)
        found = start(opened, asked, "".join(secrets.choice(_LETTERS) for _ in range(6)), who(opened.root))
    wants_text = any(format == "text" for format, _ in outputs)
    state = _shown(found, timeout, color, follow=not no_follow, err=not wants_text)
    _write(found, state, outputs)
    return 0 if no_follow or state.succeeded else 1


def _shown(found: Run, timeout: float, color: str, *, follow: bool, err: bool) -> RunState:
    """How the run ended, told line by line as it goes on; or that it was started."""
    import time

    from mlgitops.cli.terminal import show, style_for
    from mlgitops.report import run as report
    from mlgitops.workflows.follow import follow as watch
    from mlgitops.workflows.wait import Clock

    style = style_for(sys.stderr if err else sys.stdout, color)
    show(report.started(found.unseen, found.target, found.commit, style), err=err)
    if not follow:
        show(f"Follow it with: {found.again}", err=True)
        return found.unseen
    try:
        state = watch(
            found, Clock(time.monotonic, time.sleep), timeout, lambda step: show(report.step_line(step, style), err=err)
        )
    except KeyboardInterrupt:
        show(f"The run goes on. Follow it with: {found.again}", err=True)
        raise
    show(report.ended(state, style), err=err)
    return state


def _write(found: Run, state: RunState, outputs: list[tuple[str, Path | None]]) -> None:
    """The outputs other than the lines on the terminal."""
    from mlgitops.cli.terminal import write
    from mlgitops.report import run as report

    def machine() -> str:
        return report.json(
            state, pipeline=found.pipeline, environment=found.environment, target=found.target,
            namespace=found.identity.namespace, commit=found.commit,
        )  # fmt: skip

    write([one for one in outputs if one != ("text", None)], {"json": machine, "text": lambda: ""})
