"""``mlgitops diff``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import CHANGES, color_option, detailed_exitcode_option, project_options, selection_options

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.workflows.project import Opened


@click.command()
@selection_options
@detailed_exitcode_option
@color_option
@project_options
def diff(opened: Opened, asked: Asked, detailed_exitcode: bool, color: str) -> int:
    """Show what would change, as a diff of manifests: from what is there to what Git says.

    The same comparison as plan, in the form that reviewers of YAML know. Values of Secrets are masked.

    \b
    Examples:
      mlgitops diff --env dev
      mlgitops diff --env prod --target aws-prod --detailed-exitcode
    """
    from mlgitops.cli.terminal import say_unread, show, style_for
    from mlgitops.report.diff import text
    from mlgitops.workflows.diff import diffs
    from mlgitops.workflows.plan import plans

    made = plans(opened, asked)
    found = diffs(opened, made)
    show(text(found, style_for(sys.stdout, color)), nl=False)
    if say_unread([target.target for one in made for target in one.unread]):
        return 1
    return CHANGES if detailed_exitcode and found else 0
