"""``mlgitops explain``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mlgitops.cli.options import color_option, project_choices, selection_options
from mlgitops.plan.asked import Asked


@click.command()
@click.argument("field", default="")
@click.option("--value", "wants_value", is_flag=True, help="Say what its value is, and which files have a say in it.")
@selection_options
@color_option
@project_choices
def explain(
    field: str, wants_value: bool, asked: Asked, color: str, root: Path | None, revision: str | None, no_cache: bool
) -> None:
    """Say what a field is for, or where its value comes from.

    FIELD is a path such as model.spec.serving.scaling; without one, the kinds are listed. Types, units, bounds and
    defaults are the ones that validate holds specs to. With --value, or with --env or --model, the values of the
    project's models are shown, each with the file and line that sets it and what that overrides.

    \b
    Examples:
      mlgitops explain model.spec.serving.scaling
      mlgitops explain model.spec.serving.scaling.max --env prod --model iris-sklearn
    """
    from mlgitops.cli.terminal import show, style_for, width
    from mlgitops.report import description, field_value
    from mlgitops.spec.describe import describe

    style = style_for(sys.stdout, color)
    described = describe(field)
    if not wants_value and asked == Asked():
        show(description.text(described, style, width()), nl=False)
        return
    from mlgitops.workflows.explain import values
    from mlgitops.workflows.project import open_project

    found = values(open_project(root, revision, no_cache=no_cache), asked, field)
    show(field_value.text(found, style), nl=False)
