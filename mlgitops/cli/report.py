"""``mlgitops report``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import branch_option, progress_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@click.option(
    "--html", "directory", required=True, metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Write the pages into this folder; it is made where it is not there.",
)  # fmt: skip
@click.option("--no-forge", is_flag=True, help="Do not ask the forge for pull requests that wait.")
@progress_option
@branch_option
@repository_options
def report(opened: Opened, directory: Path, no_forge: bool, no_progress: bool, revision: str) -> None:
    """Write how the whole project stands as pages that any browser shows.

    They show the way of releases, and models by environments and clouds with release, health, drift and age; for each
    model its releases over time, metrics by version, gates, pull requests, and objects with what an apply would change;
    and the plan of each environment. data.json has all of it. The pages ask for nothing from outside, so that they also
    work from a folder. It reads the targets and changes nothing. What cannot be read is said on the first page.

    \b
    Examples:
      mlgitops report --html public
      mlgitops report --html public --revision HEAD --no-forge
    """
    from mlgitops.cli.terminal import now, show
    from mlgitops.page.site import site
    from mlgitops.workflows import page

    page.require_revision(opened, revision)
    found, past = page.snapshot(opened, revision, now())
    find = None if no_forge else page.finder(opened, os.environ)
    hidden = no_progress or not sys.stderr.isatty()
    with click.progressbar(length=len(found.subjects), label="Models", file=sys.stderr, hidden=hidden) as bar:
        whole = page.every_subject(opened, found, past, find, told=lambda: bar.update(1))
    for path, text in site(whole):
        _write(directory / path, text.encode())
    for path, content in page.assets().items():
        _write(directory / path, content)
    number = len(whole.subjects)
    show(f"wrote {number} {'model or pipeline' if number == 1 else 'models and pipelines'}: {directory / 'index.html'}")


def _write(path: Path, content: bytes) -> None:
    from mlgitops.cli.terminal import write_bytes
    from mlgitops.errors import MlgitopsError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MlgitopsError(f"{path.parent} cannot be made: {error.strerror}", help="Name another folder.") from error
    write_bytes(path, content, private=False)
