"""``mlgitops fmt``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, root_option

if TYPE_CHECKING:
    from mlgitops.report.style import Style
    from mlgitops.workflows.format import Formatted

STDIN = Path("-")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing, name the files that would change, and exit with 1.")
@click.option("--diff", is_flag=True, help="Write nothing, and show what would change.")
@color_option
@root_option
def fmt(files: tuple[Path, ...], check: bool, diff: bool, color: str, root: Path | None) -> int:
    """Write specs in one form: keys in the schema's order, two blanks a level.

    All specs of the project, or FILES among them; - reads one from stdin and prints it. What a file says does not
    change, nor do its comments, quotes, and what is in braces or block scalars; keys that the schema does not know come
    last. A file of which that is not sure is left alone and named.

    \b
    Examples:
      mlgitops fmt
      mlgitops fmt --check
      mlgitops fmt --diff environments/dev/models/iris-sklearn.yaml
    """
    from mlgitops.cli.terminal import show, style_for, write_bytes
    from mlgitops.errors import FindingsError
    from mlgitops.report import inert
    from mlgitops.workflows.format import format_files
    from mlgitops.workflows.project import open_project

    if files == (STDIN,):
        return _through()
    opened = open_project(root, None, no_cache=True)
    made = format_files(opened, files)
    for path in made.others:
        show(inert.line(f"note: {path} is no spec of this project, and is left alone"), err=True)
    for one in made.changed:
        if diff:
            show(_difference(one, style_for(sys.stdout, color)), nl=False)
        elif check:
            show(inert.line(f"{one.path} would be formatted"))
        else:
            write_bytes(opened.root / one.path, one.after, private=False)
            show(inert.line(f"{one.path} formatted"))
    if made.findings:
        raise FindingsError(made.findings)
    if not made.changed:
        show(f"{made.looked_at} file{'s' * (made.looked_at != 1)} formatted already", err=True)
    return 1 if check and made.changed else 0


def _through() -> int:
    """From stdin to stdout, as editors want it; also what is formatted already."""
    from mlgitops.spec.formatting.written import formatted

    content = formatted("stdin.yaml", sys.stdin.buffer.read())
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return 0


def _difference(one: Formatted, style: Style) -> str:
    import difflib

    from mlgitops.report import inert

    before, after = (content.decode("utf-8-sig").splitlines() for content in (one.before, one.after))
    lines = difflib.unified_diff(before, after, f"a/{one.path}", f"b/{one.path}", lineterm="")
    return "".join(_coloured(inert.line(line), style) + "\n" for line in lines)


def _coloured(line: str, style: Style) -> str:
    if line.startswith("+"):
        return style.green(line)
    return style.red(line) if line.startswith("-") else line
