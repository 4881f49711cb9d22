"""``mlgitops drift``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import CHANGES, color_option, output_option, project_options, selection_options

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.workflows.drift import EnvironmentDrift
    from mlgitops.workflows.project import Opened


@click.command()
@selection_options
@output_option("text", "json", "junit")
@click.option("--fix", is_flag=True, help="Repair what changed and what is missing, after asking.")
@click.option("--yes", "--auto-approve", "-y", "agreed", is_flag=True, help="Do not ask.")
@color_option
@project_options
def drift(
    opened: Opened, asked: Asked, outputs: list[tuple[str, Path | None]], fix: bool, agreed: bool, color: str
) -> int:
    """Tell what runs otherwise than Git says; --fix repairs it.

    Changed, missing and unexpected objects are told apart. What Git says but nobody applied yet is a pending change,
    which plan shows. Exits with 2 where there is drift; with --fix, with 0 once it is repaired; with 1 where a target
    cannot be read. Unexpected objects are never removed by --fix: look at them first.

    \b
    Examples:
      mlgitops drift
      mlgitops drift --env prod -o junit=drift.xml -o text
      mlgitops drift --env prod --fix --yes
    """
    from mlgitops.cli.terminal import say_unread, style_for, write
    from mlgitops.report import drift as report
    from mlgitops.workflows.drift import drift as find

    found = find(opened, asked)
    style = style_for(sys.stdout, color)
    write(outputs, {
        "text": lambda: "\n".join(report.text(one.environment, one.targets, style) for one in found),
        "json": lambda: report.json(found),
        "junit": lambda: report.junit(found),
    })  # fmt: skip
    unread = say_unread([target.target for one in found for target in one.unread])
    if not any(one.found for one in found):
        return 1 if unread else 0
    code = _fix(opened, asked, found, color, agreed=agreed) if fix else CHANGES
    return 1 if unread else code


def _fix(opened: Opened, asked: Asked, found: list[EnvironmentDrift], color: str, *, agreed: bool) -> int:
    from mlgitops.cli.apply import carry_out
    from mlgitops.cli.terminal import confirm, show
    from mlgitops.plan.guards import Consent
    from mlgitops.workflows.drift import drift as find
    from mlgitops.workflows.drift import repairs

    plans = repairs(opened, found)
    if plans and not agreed and not confirm("Repair this drift?"):
        show("Nothing was changed.", err=True)
        return CHANGES
    # What drifted is by its nature somebody else's by now, and to repair it is what was asked for.
    code = carry_out(opened, plans, Consent(force_conflicts=True), color, quiet=False)
    if code or not any(one.found for one in find(opened, asked)):
        return code
    show("What Git does not have was left as it is.", err=True)
    return CHANGES
