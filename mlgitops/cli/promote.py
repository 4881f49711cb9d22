"""``mlgitops promote``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlgitops.cli.names import environment_names, model_names
from mlgitops.cli.options import dry_run_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened
    from mlgitops.workflows.promotion.base import Base
    from mlgitops.workflows.promotion.together import Way


@click.command()
@click.argument("model", required=False, default="", shell_complete=model_names)
@click.option(
    "--from", "source", default="", metavar="ENV", shell_complete=environment_names,
    help="Where the release is; the environment before --to.",
)  # fmt: skip
@click.option(
    "--to", "target", required=True, metavar="ENV", shell_complete=environment_names,
    help="The environment that it is to come to.",
)  # fmt: skip
@click.option("--version", default="", metavar="VERSION", help="A release that --from has run, if not the one of now.")
@click.option("--all", "every", is_flag=True, help="Every model that is ready, each in its own pull request.")
@click.option(
    "--group-by", "label", default="", metavar="LABEL",
    help="With --all: one pull request for all models that have the same value of this label.",
)  # fmt: skip
@dry_run_option
@repository_options
def promote(
    opened: Opened, model: str, source: str, target: str, version: str, every: bool, label: str, dry_run: bool
) -> int:  # fmt: skip
    """Open the pull request that brings a release to the next environment.

    It copies the release block and no other byte. The pull request shows both releases, their metrics, the gates and
    the plan. Running it again finds the same pull request and updates it in place. Works on the protected branch as it
    is at the forge; your work tree is not touched.

    \b
    Examples:
      mlgitops promote fraud-detector --to prod
      mlgitops promote fraud-detector --from dev --to staging --version 1.4.0
      mlgitops promote --all --to prod --dry-run
      mlgitops promote --all --to prod --group-by team
    """
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.workflows.promotion import promote as promotion
    from mlgitops.workflows.promotion.base import open_base
    from mlgitops.workflows.promotion.together import Way

    if bool(model) == every or (every and version) or (label and not every):
        raise click.UsageError("name one MODEL, with or without --version, or use --all, with or without --group-by")
    base = open_base(opened)
    source, target = promotion.way(base, source, target, model or "--all")
    again = f"mlgitops promote {model or '--all'} --from {source} --to {target}"
    if every:
        return _all(base, Way(source, target, label), again, dry_run=dry_run)
    draft = promotion.draft(base, model, source, target, version)
    again += f" --version {version}" if version else ""
    carry_out(base, draft, again, f"{target} has that release of {model} already.", dry_run=dry_run)
    return 0


def _all(base: Base, way: Way, again: str, *, dry_run: bool) -> int:
    from mlgitops.cli.pull_request import say_that_it_waits, show_result
    from mlgitops.cli.terminal import now, show
    from mlgitops.report.inert import line
    from mlgitops.workflows.promotion.run import Failure, Run
    from mlgitops.workflows.promotion.together import promote_all
    from mlgitops.workflows.sites import reason

    grouped = f" --group-by {way.label}" if way.label else ""
    done = promote_all(base, way, Run(f"{again}{grouped} --dry-run", now(), dry_run, say_that_it_waits))
    for outcome in done:
        if isinstance(outcome, Failure):
            how = "left out" if outcome.not_ready else "failed"
            show(line(f"{outcome.model} {how}: {reason(outcome.error)}"), err=True)
        else:
            show_result(outcome)
    if not done:
        show(f"{way.target} has every release of {way.source} already.")
    return 1 if any(isinstance(outcome, Failure) and not outcome.not_ready for outcome in done) else 0
