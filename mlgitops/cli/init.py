"""``mlgitops init``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from mlgitops.scaffold.choices import CLOUDS, CONNECTIONS, FORGES, VENDORS, Choices, usable_name


@click.command()
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="PATH",
    help="The folder, made where it is missing; the current one where it is left out.",
)  # fmt: skip
@click.option("--name", metavar="NAME", help="The project's name; the folder's where it is left out.")
@click.option(
    "--cloud", "clouds", multiple=True, type=click.Choice(CLOUDS), help="A cloud to run in; repeatable. [onprem]"
)
@click.option(
    "--environment", "--env", "-e", "environments", multiple=True, metavar="ENV",
    help="An environment; repeatable, in the order in which a release travels. [dev, prod]",
)  # fmt: skip
@click.option("--target", "connection", type=click.Choice(CONNECTIONS), help="What targets are. [directory]")
@click.option("--model", metavar="MODEL", help="The name of the example model. [iris]")
@click.option("--forge", type=click.Choice(FORGES), help="Where pull requests are. [local]")
@click.option("--repository", metavar="OWNER/NAME", help="The repository at the forge, as that forge names one.")
@click.option("--forge-url", metavar="URL", help="Where the forge is, if it is not the public one.")
@click.option(
    "--ci", "vendors", multiple=True, type=click.Choice(VENDORS), help="Also what this vendor's CI runs; repeatable."
)
@click.option("--yes", is_flag=True, help="Ask nothing: take what the flags say, and the usual for the rest.")
def init(directory: Path, yes: bool, **given: Any) -> None:
    """Begin a project: specs, schemas for editors, checks before a commit, and a model to try it with.

    On a terminal it asks for what no flag says; else it takes the usual, which stands in [brackets]. Nothing that is
    there is ever overwritten: either all files are written, or none. What it writes has no findings.

    \b
    Examples:
      mlgitops init
      mlgitops init --yes --directory shop
      mlgitops init --name shop --cloud aws --cloud gcp -e dev -e staging -e prod --target kubernetes
      mlgitops init --forge github --repository acme/shop --ci github
    """
    from mlgitops.cli.asking import asked
    from mlgitops.cli.terminal import show
    from mlgitops.report.begun import text
    from mlgitops.workflows.init import init as begin

    usual = usable_name(directory.resolve().name)
    flags = {name: value for name, value in given.items() if value or (name, value) == ("name", "")}
    answers = flags if yes or not sys.stdin.isatty() else {**asked(flags, usual), **flags}
    choices = Choices(**{"name": usual, **answers})
    begun = begin(directory, choices)
    show(text(begun.written, begun.kept, choices, directory.as_posix()))
