"""``mlgitops validate``."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, environment_option, output_option, project_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@environment_option
@output_option("text", "json", "github", "gitlab", "azure", "sarif", "junit")
@color_option
@project_options
def validate(opened: Opened, environments: tuple[str, ...], outputs: list[tuple[str, Path | None]], color: str) -> int:
    """Check every spec and say what is wrong, where, and what to do.

    Everything is found in one run, in all environments or in those of --env. Nothing is written. Exits with 1 where
    anything is an error; warnings alone exit with 0.

    \b
    Examples:
      mlgitops validate
      mlgitops validate --env prod
      mlgitops validate -o sarif=findings.sarif -o text
    """
    from mlgitops.cli.terminal import style_for, width, write
    from mlgitops.finding import has_errors
    from mlgitops.report.findings import text
    from mlgitops.report.formats import FORMATS
    from mlgitops.workflows.validate import validate as validate_environments

    findings = validate_environments(opened, environments)
    makers = {name: functools.partial(document, findings) for name, document in FORMATS.items()}
    write(outputs, {**makers, "text": lambda: text(findings, style_for(sys.stdout, color), width())})
    return 1 if has_errors(findings) else 0
