"""``mlgitops retire``."""

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
@click.option("--replaced-by", default="", metavar="MODEL", help="The model that takes over.")
@click.option("--sunset", default="", metavar="DAY", help="The last day that it runs, YYYY-MM-DD.")
@click.option("--offline", is_flag=True, help="Go by Git alone; look at no target.")
@dry_run_option
@repository_options
def retire(
    opened: Opened, model: str, environment: str, replaced_by: str, sunset: str, offline: bool, dry_run: bool
) -> None:  # fmt: skip
    """Open the pull request that deprecates a model, then the one that ends it.

    The first run deprecates it: it goes on running. Once that is merged, the second run retires it: nothing is rendered
    for it any more, so that apply removes what runs. That is refused before its sunset, and while anything relies on it
    in Git or leads to it at a cluster of the environment: a route, a graph, another InferenceService. The file stays,
    as a record.

    \b
    Example:
      mlgitops retire fraud-detector --env prod --replaced-by fraud-detector-2 --sunset 2026-12-31
    """
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.cli.terminal import now
    from mlgitops.workflows.promotion import retire as retirement
    from mlgitops.workflows.promotion.base import open_base

    base = open_base(opened)
    terms = retirement.Terms(now()[:10], replaced_by, sunset, offline)
    draft = retirement.draft(base, model, environment, terms)
    again = f"mlgitops retire {model} --env {environment}{' --offline' if offline else ''}"
    carry_out(base, draft, again, f"{model} is retired in {environment} already.", dry_run=dry_run)
