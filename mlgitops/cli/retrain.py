"""``mlgitops retrain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlgitops.cli.names import environment_names, model_names
from mlgitops.cli.options import dry_run_option, parameters_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("model", shell_complete=model_names)
@click.option(
    "--env", "-e", "environment", default="", metavar="ENV", shell_complete=environment_names,
    help="Where the pipeline is; the first environment that has one if left out.",
)  # fmt: skip
@click.option("--pipeline", default="", metavar="PIPELINE", help="Which, where several make the model.")
@click.option("--reason", default="", help="Why; it stands in the pull request and at the run.")
@parameters_option
@dry_run_option
@repository_options
def retrain(
    opened: Opened, model: str, environment: str, pipeline: str, reason: str, parameters: dict[str, str], dry_run: bool
) -> None:  # fmt: skip
    """Open the pull request that has a model's pipeline run again.

    It gives the pipeline the next number of spec.run. Once that is merged and applied, the run starts, and once only.
    The pipeline is the one that says by spec.model that it makes the model, in the first environment that has one; the
    release that it makes comes by a pull request of its own. For a run that nobody has to review: mlgitops run.

    \b
    Examples:
      mlgitops retrain fraud-detector --reason "requests have drifted since March"
      mlgitops retrain fraud-detector --env dev --set epochs=20 --dry-run
    """
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.workflows.promotion import retrain as retraining
    from mlgitops.workflows.promotion.base import open_base

    base = open_base(opened)
    draft = retraining.draft(base, retraining.Asked(model, environment, pipeline, reason, parameters))
    again = f"mlgitops retrain {model} --env {draft.request.target}"
    carry_out(base, draft, again, "", dry_run=dry_run)
