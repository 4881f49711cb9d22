"""``mlgitops doctor``."""

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
@output_option("text", "json")
@color_option
@project_options
def doctor(opened: Opened, environments: tuple[str, ...], outputs: list[tuple[str, Path | None]], color: str) -> int:
    """Look at all that the project needs, and say how to mend what is not well.

    It looks at the tools and their versions, the specs, the forge and what its token may do, and at every target:
    whether it can be reached, whether this account has the rights for all that is rendered (the cluster is asked, and
    nothing is written), and whether it serves the components that the target declares. Exits with 1 where anything is
    broken; what merely cannot be told is no reason.

    \b
    Examples:
      mlgitops doctor
      mlgitops doctor --env prod
      mlgitops doctor -o json | jq '.checks[] | select(.condition == "broken")'
    """
    from mlgitops.cli.terminal import style_for, write
    from mlgitops.plan.checkup import is_broken
    from mlgitops.report.doctor import json, text
    from mlgitops.workflows.doctor import doctor as look

    checks = look(opened, environments)
    style = style_for(sys.stdout, color)
    write(outputs, {"text": functools.partial(text, checks, style), "json": functools.partial(json, checks)})
    return 1 if is_broken(checks) else 0
