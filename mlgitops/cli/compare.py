"""``mlgitops compare``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, environment_option, output_option, project_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("model")
@environment_option
@click.option("--versions", is_flag=True, help="Every release that ran, not only what the files say now.")
@output_option("text", "json", "csv")
@color_option
@project_options
def compare(
    opened: Opened, model: str, environments: tuple[str, ...], versions: bool,
    outputs: list[tuple[str, Path | None]], color: str,
) -> None:  # fmt: skip
    """Compare a model's releases: lineage, metrics and parameters, side by side.

    \b
    Examples:
      mlgitops compare iris-sklearn --env dev --env prod
      mlgitops compare iris-sklearn --versions -o csv
    """
    from mlgitops.cli.terminal import style_for, write
    from mlgitops.report.promotion import comparison as report
    from mlgitops.workflows.promotion import compare as comparing

    columns = (comparing.of_versions if versions else comparing.of_environments)(opened, model, environments)
    write(outputs, {
        "text": lambda: report.text(columns, style_for(sys.stdout, color)),
        "json": lambda: report.json(columns),
        "csv": lambda: report.csv(columns),
    })  # fmt: skip
