"""``mlgitops graph``."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import environment_option, output_option, project_options

if TYPE_CHECKING:
    from mlgitops.workflows.graph import What
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("what", type=click.Choice(["promotion", "dependencies"]), default="promotion")
@environment_option
@click.option("--target", "-t", "targets", multiple=True, metavar="TARGET", help="What runs at this one; repeatable.")
@click.option(
    "--model", "-m", "models", multiple=True, metavar="MODEL",
    help="This model: its releases, or what it needs and what needs it; repeatable.",
)  # fmt: skip
@output_option("mermaid", "dot", "svg")
@project_options
def graph(
    opened: Opened,
    what: What,
    environments: tuple[str, ...],
    targets: tuple[str, ...],
    models: tuple[str, ...],
    outputs: list[tuple[str, Path | None]],
) -> None:
    """Draw how releases travel, or what depends on what.

    promotion shows the environments, with what lets a release into each. dependencies shows, for each environment,
    which pipeline trains which model, which models need each other, and where they run. Mermaid is shown by GitHub and
    GitLab in Markdown; SVG needs no other program. The same specs give the same bytes, so that it can be committed.

    \b
    Examples:
      mlgitops graph
      mlgitops graph --model iris-sklearn
      mlgitops graph dependencies --env prod -o svg=prod.svg
      mlgitops graph dependencies --env dev -o dot
    """
    from mlgitops.cli.terminal import show, write
    from mlgitops.plan.asked import Asked
    from mlgitops.report.graph import FORMATS
    from mlgitops.workflows.graph import draw

    drawn = draw(opened, what, Asked(environments, targets, models))
    write(outputs, {name: functools.partial(text, drawn.drawing) for name, text in FORMATS.items()})
    if drawn.errors:
        show(f"note: {len(drawn.errors)} error{'s' * (len(drawn.errors) != 1)} in these specs; what cannot be read is "
             "left out. See: mlgitops validate", err=True)  # fmt: skip
