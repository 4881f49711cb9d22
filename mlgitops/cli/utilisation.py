"""``mlgitops utilisation``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, one_environment_option, output_option, project_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@one_environment_option
@click.option("--target", "-t", "targets", multiple=True, metavar="TARGET", help="Only this target; repeatable.")
@click.option("--model", "-m", "models", multiple=True, metavar="MODEL", help="Only this model; repeatable.")
@click.option(
    "--window", default="7d", show_default=True, metavar="DURATION",
    help="How far back to look; a whole number of m, h, d or w.",
)  # fmt: skip
@click.option(
    "--prometheus", default="", metavar="URL", envvar="MLGITOPS_PROMETHEUS",
    help="Ask this Prometheus, instead of the one that each target names. No token is sent to it.",
)  # fmt: skip
@output_option("text", "json")
@color_option
@project_options
def utilisation(
    opened: Opened,
    environment: str,
    targets: tuple[str, ...],
    models: tuple[str, ...],
    window: str,
    prometheus: str,
    outputs: list[tuple[str, Path | None]],
    color: str,
) -> int:
    """Tell what models use of what they ask for, with the YAML that asks for the right amount.

    Asks the Prometheus of each target about the pods of models that serve all the time: cores (95% of the time), memory
    (at most) and accelerators (on average) of the busiest replica. Says who is idle, asks for too much, or for too
    little. What was not measured is never taken as idle; for a model that was not measured at all of its targets there
    is no patch. It only reads.

    Exits with 1 where a target could not be asked, with 4 where only rights were missing, else with 0.

    \b
    Examples:
      mlgitops utilisation --env prod
      mlgitops utilisation --env prod --model fraud-detector --window 30d
      mlgitops utilisation --env prod -o json | jq '.proposals'
    """
    import re

    from mlgitops.cli.terminal import style_for, write
    from mlgitops.plan.asked import Asked
    from mlgitops.report import utilisation as report
    from mlgitops.workflows.utilisation import utilisation as find

    if not re.fullmatch(r"[1-9][0-9]{0,4}[mhdw]", window):
        raise click.UsageError("--window is a whole number of m, h, d or w, such as 7d")
    if prometheus and not prometheus.startswith(("http://", "https://")):
        raise click.UsageError("--prometheus is http://HOST or https://HOST, without a login")
    found = find(opened, environment, Asked((), targets, models, ()), window, os.environ, prometheus)
    style = style_for(sys.stdout, color)
    write(outputs, {"text": lambda: report.text(found, style), "json": lambda: report.json(found)})
    if not found.unread:
        return 0
    return 4 if found.denied else 1
