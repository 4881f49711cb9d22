"""``mlgitops release-hold``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlgitops.cli.names import model_names
from mlgitops.cli.options import dry_run_option, one_environment_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command("release-hold")
@click.argument("model", shell_complete=model_names)
@one_environment_option
@dry_run_option
@repository_options
def release_hold(opened: Opened, model: str, environment: str, dry_run: bool) -> None:
    """Open the pull request that lifts a rollback's hold, so that releases can be promoted again.

    \b
    Example:
      mlgitops release-hold fraud-detector --env prod
    """
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.workflows.promotion.base import open_base
    from mlgitops.workflows.promotion.rollback import lift

    base = open_base(opened)
    again = f"mlgitops release-hold {model} --env {environment}"
    carry_out(base, lift(base, model, environment), again, f"{model} is not on hold in {environment}.", dry_run=dry_run)
