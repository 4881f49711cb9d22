"""``mlgitops history``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import branch_option, color_option, environment_option, output_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("model")
@environment_option
@output_option("text", "json", "csv")
@branch_option
@color_option
@repository_options
def history(
    opened: Opened, model: str, environments: tuple[str, ...], outputs: list[tuple[str, Path | None]], revision: str,
    color: str,
) -> None:  # fmt: skip
    """Tell every release of a model that ran, when, by which pull request, who approved, and what the gates said.

    From Git alone: from the protected branch at the forge, or what is checked out where the project names none.

    \b
    Examples:
      mlgitops history fraud-detector --env prod
      mlgitops history fraud-detector --revision HEAD -o csv=history.csv
    """
    from mlgitops.cli.terminal import style_for, write
    from mlgitops.report.promotion import history as report
    from mlgitops.workflows.promotion.audit import model_history

    found = model_history(opened, model, environments, revision)
    write(outputs, {
        "text": lambda: report.text(found, style_for(sys.stdout, color)),
        "json": lambda: report.json(found),
        "csv": lambda: report.csv(found),
    })  # fmt: skip
