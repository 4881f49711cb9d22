"""``mlgitops apply``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, named_selection_options, progress_option, project_options
from mlgitops.cli.wait import timeout_option, wait_option

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.plan.change import Plan
    from mlgitops.plan.guards import Consent
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@named_selection_options
@click.option("--yes", "--auto-approve", "-y", "agreed", is_flag=True, help="Do not ask.")
@click.option("--adopt", is_flag=True, help="Take over objects that are there already and not ours.")
@click.option("--allow-mass-delete", is_flag=True, help="Allow removing more than half of what a target has.")
@click.option("--allow-replace", is_flag=True, help="Allow deleting objects that cannot be changed, to make them anew.")
@click.option("--force-conflicts", is_flag=True, help="Take fields that other field managers keep.")
@click.option("--allow-over-budget", is_flag=True, help="Allow making an environment dearer that is over its budget.")
@wait_option
@timeout_option
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
    allow_replace: bool,
    force_conflicts: bool,
    allow_over_budget: bool,
    wait: bool,
    timeout: float,
    no_progress: bool,
    color: str,
) -> int:
    """Make the targets of an environment equal to Git, after showing the plan and asking.

    With a saved PLAN nothing is asked; it is refused, with nothing written, where the commit, the rendering, the
    inventory or a live object moved since. A failure at one object does not stop what does not depend on it.

    Targets are written at once, and one that cannot be reached leaves the others alone. In a cluster it then waits
    until what was written is ready, and exits with 1 where that has failed or takes longer than --timeout; it says why,
    with the last Events. A training run or a workflow need only have started. A model that depends on another one is
    written once that one is ready, and not at all where it does not become ready.

    \b
    Examples:
      mlgitops apply --env dev
      mlgitops apply --env dev --yes
      mlgitops apply plan.json --timeout 30m
    """
    from mlgitops.plan.guards import Consent

    consent = Consent(allow_mass_delete, adopt, allow_replace, force_conflicts, allow_over_budget=allow_over_budget)
    patience = timeout if wait else None
    if plan_file is not None:
        if any((asked.environments, asked.targets, asked.models, asked.objects)):
            raise click.UsageError("a saved plan says itself what it is about: leave the selection out")
        return carry_out(opened, [_saved(opened, plan_file)], consent, color, quiet=no_progress, timeout=patience)
    if not asked.environments:
        raise click.UsageError("say which environment: --env ENV, or a saved plan")
    plans = _show_and_ask(opened, asked, color, agreed=agreed)
    if plans is None:
        return 1
    return carry_out(opened, plans, consent, color, quiet=no_progress, timeout=patience)


def _show_and_ask(opened: Opened, asked: Asked, color: str, *, agreed: bool) -> list[Plan] | None:
    """The plans that are not yet as they are to be, once they were shown and agreed to; None where they were not."""
    from mlgitops.cli.terminal import confirm, show, style_for, width
    from mlgitops.report.plan.text import text
    from mlgitops.workflows.plan import plans

    made = plans(opened, asked, rehearse=False)
    style = style_for(sys.stdout, color)
    show("\n".join(text(plan, style, width()) for plan in made), nl=False)
    waiting = [plan for plan in made if not plan.is_empty]
    if any(plan.has_work for plan in waiting) and not agreed and not confirm("Apply this plan?"):
        show("Nothing was changed.", err=True)
        return None
    return waiting


def _saved(opened: Opened, path: Path) -> Plan:
    from mlgitops.workflows.saved_plan import read_plan

    return read_plan(opened, path)


def carry_out(
    opened: Opened, plans: list[Plan], consent: Consent, color: str, *, quiet: bool, timeout: float | None = None
) -> int:
    """Applies plans, shows progress and outcome, waits up to ``timeout`` seconds, and gives the exit code."""
    from mlgitops.cli.progress import progress
    from mlgitops.cli.terminal import now, show, style_for
    from mlgitops.cli.wait import patience, wait_for_readiness
    from mlgitops.report.outcome import text
    from mlgitops.workflows.apply import apply as apply_plan
    from mlgitops.workflows.plan import connections

    succeeded = True
    for plan in plans:
        opened_connections = connections(opened.root, plan)
        waiting = None if timeout is None else patience(opened, plan, timeout=timeout, quiet=quiet)
        with progress(plan, wanted=not quiet) as advance:
            outcome = apply_plan(plan, opened_connections, now, advance, consent, waiting)
        show(text(outcome, style_for(sys.stdout, color)), nl=False)
        succeeded = succeeded and outcome.succeeded
        if waiting is not None:
            succeeded = wait_for_readiness(plan, opened_connections, outcome, waiting, color) and succeeded
    return 0 if succeeded else 1
