"""``mlgitops inventory``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import project_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def inventory() -> None:
    """Restore what a target knows about the objects that were applied to it.

    \b
    Example:
      mlgitops inventory rebuild --env prod --target aws-prod
    """


@inventory.command(short_help="Write a lost or corrupt inventory anew.")
@click.option("--env", "-e", "environment", required=True, metavar="ENV", help="The environment.")
@click.option("--target", "-t", required=True, metavar="TARGET", help="The target.")
@project_options
def rebuild(opened: Opened, environment: str, target: str) -> None:
    """Write a lost or corrupt inventory anew, from the labels of the objects that are there.

    What each object is now counts as what was applied. Run plan afterwards: it shows where that differs from Git.
    Where the account may not look is named: what is there is not in the inventory, and no plan deletes it.

    \b
    Example:
      mlgitops inventory rebuild --env prod --target aws-prod
    """
    from mlgitops.cli.terminal import show
    from mlgitops.workflows.inventory import rebuild_inventory

    rebuilt = rebuild_inventory(opened, environment, target)
    show(f"The inventory of {target} has {len(rebuilt.inventory.entries)} objects.")
    for place in rebuilt.unseen:
        show(f"warning: this account may not look {place}", err=True)
    if rebuilt.unseen:
        show("What is there is not in the inventory, and no plan deletes it. With more rights, run it again.", err=True)
