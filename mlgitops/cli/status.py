"""``mlgitops status``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, output_option, project_options, selection_options

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.workflows.project import Opened


@click.command()
@selection_options
@output_option("text", "json")
@color_option
@project_options
def status(opened: Opened, asked: Asked, outputs: list[tuple[str, Path | None]], color: str) -> int:
    """Tell what runs where, how it is, and from which commit; what is not well comes first.

    Of each model and pipeline: its release, its health with the reason and since when, whether somebody changed it
    since the last apply (drift) and whether Git asks for something else by now (pending). Of targets that are files it
    is only known that they are rendered. Exits with 1 where anything has failed or a target cannot be read, else 0.

    \b
    Examples:
      mlgitops status
      mlgitops status --env prod --model fraud-detector
      mlgitops status -o json | jq '.environments[].targets[].running[] | select(.health.state != "ready")'
    """
    from mlgitops.cli.terminal import now, style_for, write
    from mlgitops.report import status as report
    from mlgitops.workflows.status import status as find

    found = find(opened, asked)
    write(outputs, {
        "text": lambda: report.text(found, style_for(sys.stdout, color), now()),
        "json": lambda: report.json(found),
    })  # fmt: skip
    return 1 if any(one.failing for one in found) else 0
