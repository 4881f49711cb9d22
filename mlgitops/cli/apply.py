"""``mlgitops apply``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, progress_option, project_options, selection_options

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.plan.change import Plan
    from mlgitops.plan.guards import Consent
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@selection_options
@click.option("--yes", "--auto-approve", "-y", "agreed", is_flag=True, help="Do not ask.")
@click.option("--adopt", is_flag=True, help="Take over objects that are there already and not ours.")
@click.option("--allow-mass-delete", is_flag=True, help="Allow removing more than half of what a target has.")
@progress_option
@color_option
@project_options
def apply(
    opened: Opened,
    asked: Asked,
    plan_file: Path | None,
    agreed: bool,
    adopt: bool,
    allow_mass_delete: bool,
    no_progress: bool,
    color: str,
) -> int:
    """Make the targets of an environment equal to Git, after showing the plan and asking.

    With a saved PLAN nothing is asked; it is refused, with nothing written, where the commit, the rendering, the
    inventory or a live object moved since. A failure at one object does not stop what does not depend on it.

    \b
    Examples:
      mlgitops apply --env dev
      mlgitops apply --env dev --yes
      mlgitops apply plan.json
    """
    from mlgitops.plan.guards import Consent

    consent = Consent(allow_mass_delete=allow_mass_delete, adopt=adopt)
    if plan_file is not None:
        if any((asked.environments, asked.targets, asked.models, asked.objects)):
            raise click.UsageError("a saved plan says itself what it is about: leave the selection out")
        return carry_out(opened, [_saved(opened, plan_file)], consent, color, quiet=no_progress)
    if not asked.environments:
        raise click.UsageError("say which environment: --env ENV, or a saved plan")
    return _show_ask_apply(opened, asked, consent, color, agreed=agreed, quiet=no_progress)


def _show_ask_apply(opened: Opened, asked: Asked, consent: Consent, color: str, *, agreed: bool, quiet: bool) -> int:
    from mlgitops.cli.terminal import confirm, style_for, width
    from mlgitops.report.plan import text
    from mlgitops.workflows.plan import plans

    made = plans(opened, asked)
    style = style_for(sys.stdout, color)
    click.echo("\n".join(text(plan, style, width()) for plan in made), nl=False)
    waiting = [plan for plan in made if not plan.is_empty]
    if not waiting:
        return 0
    if not agreed and not confirm("Apply this plan?"):
        click.echo("Nothing was changed.", err=True)
        return 1
    return carry_out(opened, waiting, consent, color, quiet=quiet)


def _saved(opened: Opened, path: Path) -> Plan:
    from mlgitops.workflows.saved_plan import read_plan

    return read_plan(opened, path)


def carry_out(opened: Opened, plans: list[Plan], consent: Consent, color: str, *, quiet: bool) -> int:
    """Applies plans, shows progress and outcome, and gives the exit code."""
    from mlgitops.cli.progress import progress
    from mlgitops.cli.terminal import now, style_for
    from mlgitops.report.outcome import text
    from mlgitops.workflows.apply import apply as apply_plan
    from mlgitops.workflows.plan import connections

    succeeded = True
    for plan in plans:
        with progress(plan, wanted=not quiet) as advance:
            outcome = apply_plan(plan, connections(opened.root, plan), now, advance, consent)
        click.echo(text(outcome, style_for(sys.stdout, color)), nl=False)
        succeeded = succeeded and outcome.succeeded
    return 0 if succeeded else 1
