"""``mlgitops registry``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import one_environment_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened
    from mlgitops.workflows.promotion.aliases import Alias


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def registry() -> None:
    """Tell a model registry what runs, and compute the digest of a model's files.

    \b
    Examples:
      mlgitops registry alias --env prod
      mlgitops registry digest model/
    """


@registry.command(short_help="Give an environment's alias to the versions that it has.")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
@one_environment_option
@click.option("--alias", default="", metavar="NAME", help="The alias; the environment's name where it is left out.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@repository_options
def alias(opened: Opened, models: tuple[str, ...], environment: str, alias: str, dry_run: bool) -> int:
    """Give the alias of an environment to the versions that it has on the protected branch.

    CI runs this after a merge; it has a credential of the registry, the controller needs none. It may be run again at
    any time. A rollback takes the alias back to the older version. Exits with 1 where a registry could not be told.

    \b
    Example:
      mlgitops registry alias --env prod
    """
    from mlgitops.cli.terminal import show
    from mlgitops.report.inert import line
    from mlgitops.workflows.promotion.aliases import give
    from mlgitops.workflows.promotion.base import open_base

    given = give(open_base(opened), environment, models, alias, dry_run=dry_run)
    for one in given:
        show(line(_told(one, dry_run=dry_run)), err=one.error is not None)
    if not given:
        show(f"no release in {environment} names a version in a registry")
    return 1 if any(one.error for one in given) else 0


@registry.command(short_help="Print the digest of a model's files.")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def digest(path: Path) -> None:
    """Print the digest of a model's files, for a release's artifact: the one that model-signing computes.

    \b
    Example:
      mlgitops registry digest model/
    """
    from mlgitops.cli.terminal import show
    from mlgitops.registries.content import directory_digest

    show(directory_digest(path))


def _told(one: Alias, *, dry_run: bool) -> str:
    name = f"{one.model}: {one.reference}"
    if one.error:
        from mlgitops.workflows.sites import reason

        return f"{name} could not be called {one.alias}: {reason(one.error)}"
    if not one.changed:
        return f"{name} is called {one.alias} already"
    before = f" (before: version {one.before})" if one.before else ""
    return f"{name} {'would be' if dry_run else 'is now'} called {one.alias}{before}"
