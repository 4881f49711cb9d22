"""``mlgitops rollback``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlgitops.cli.names import model_names
from mlgitops.cli.options import dry_run_option, one_environment_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("model", shell_complete=model_names)
@one_environment_option
@click.option(
    "--to", "version", default="", metavar="VERSION", help="A release that ran there; the one before if left out."
)
@click.option("--reason", default="", help="Why; it stands in the hold and in the pull request.")
@dry_run_option
@repository_options
def rollback(opened: Opened, model: str, environment: str, version: str, reason: str, dry_run: bool) -> None:
    """Open the pull request that goes back to an older release, and holds it.

    The release is copied from the protected branch's history. The hold keeps everybody from promoting over it, until
    release-hold lifts it.

    \b
    Examples:
      mlgitops rollback fraud-detector --env prod
      mlgitops rollback fraud-detector --env prod --to 1.3.0 --reason "p99 latency doubled"
    """
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.cli.terminal import now
    from mlgitops.workflows.promotion import rollback as rolling
    from mlgitops.workflows.promotion.base import open_base

    base = open_base(opened)
    hold = rolling.Hold(reason, now(), rolling.whoever(base))
    draft = rolling.draft(base, model, environment, version, hold)
    again = f"mlgitops rollback {model} --env {environment} --to {draft.request.new.version}"
    carry_out(base, draft, again, "", dry_run=dry_run)
