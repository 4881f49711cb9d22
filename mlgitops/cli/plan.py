"""``mlgitops plan``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import (
    CHANGES,
    color_option,
    detailed_exitcode_option,
    output_option,
    project_options,
    selection_options,
)

if TYPE_CHECKING:
    from mlgitops.plan.asked import Asked
    from mlgitops.plan.change import Plan
    from mlgitops.workflows.project import Opened


@click.command()
@selection_options
@output_option("text", "json", "markdown")
@detailed_exitcode_option
@click.option("--verbose", "-v", is_flag=True, help="Show every field of what is created.")
@color_option
@project_options
def plan(
    opened: Opened,
    asked: Asked,
    outputs: list[tuple[str, Path | None]],
    detailed_exitcode: bool,
    verbose: bool,
    color: str,
) -> int:
    """Show what would change, model by model, and save it for apply.

    Reads the targets and changes nothing. Each field shows its old and new value and the file and line that asks for
    it. A plan that is saved as JSON holds all that apply needs, and apply refuses it once anything has moved. Where one
    of several targets cannot be read, the others are planned, and it exits with 1.

    \b
    Examples:
      mlgitops plan --env dev
      mlgitops plan --env prod --model iris-sklearn
      mlgitops plan --env prod -o plan.json -o text
      mlgitops plan --detailed-exitcode
    """
    from mlgitops.cli.terminal import say_unread, style_for, width, write
    from mlgitops.report.plan.text import text
    from mlgitops.workflows.plan import plans

    made = plans(opened, asked)
    if len(made) > 1 and any(format == "json" for format, _ in outputs):
        raise click.UsageError("a plan as JSON is of one environment: add --env")
    style = style_for(sys.stdout, color)
    write(outputs, {
        "text": lambda: "\n".join(text(one, style, width(), verbose=verbose) for one in made),
        "json": lambda: _json(made[0]),
        "markdown": lambda: _markdown(made),
    })  # fmt: skip
    if say_unread([target.target for one in made for target in one.unread]):
        return 1
    return CHANGES if detailed_exitcode and any(not one.is_empty for one in made) else 0


def _json(made: Plan) -> str:
    from mlgitops.plan.serialise import dumps

    return dumps(made).decode()


def _markdown(made: list[Plan]) -> str:
    from mlgitops.report.plan.markdown import markdown

    return "\n".join(map(markdown, made))
