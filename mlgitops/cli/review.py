"""``mlgitops review``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened

_NUMBER = click.IntRange(min=1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def review() -> None:
    """Read, approve of and merge pull requests where the forge is a bare repository (kind: local).

    Forges with a server have pages for that.

    \b
    Examples:
      mlgitops review list
      mlgitops review show 3
      mlgitops review approve 3
      mlgitops review merge 3
    """


@review.command(name="list", short_help="List the pull requests that wait.")
@repository_options
def list_waiting(opened: Opened) -> None:
    """List the pull requests that wait, with their statuses and who approved.

    \b
    Example:
      mlgitops review list
    """
    from mlgitops.cli.terminal import show
    from mlgitops.report.promotion.review import listed
    from mlgitops.workflows.promotion.review import open_local_forge

    forge, _ = open_local_forge(opened)
    waiting = forge.waiting()
    show(listed([(pull, forge.statuses(pull.head_commit)) for pull in waiting]).rstrip("\n"))


@review.command(name="show", short_help="Print a pull request and what was said about it.")
@click.argument("number", type=_NUMBER)
@repository_options
def show_one(opened: Opened, number: int) -> None:
    """Print a pull request: what a reviewer has to know, the comments, the statuses, and who approved.

    \b
    Example:
      mlgitops review show 3
    """
    from mlgitops.cli.terminal import show
    from mlgitops.report.promotion.review import shown
    from mlgitops.workflows.promotion.review import open_local_forge

    forge, _ = open_local_forge(opened)
    pull = forge.pull_request(number)
    show(shown(pull, forge.statuses(pull.head_commit), forge.comments(number)).rstrip("\n"))


@review.command()
@click.argument("number", type=_NUMBER)
@repository_options
def approve(opened: Opened, number: int) -> None:
    """Approve of a pull request as it is now, as whom Git knows. A later push ends the approval.

    \b
    Example:
      mlgitops review approve 3
    """
    from mlgitops.cli.terminal import show
    from mlgitops.report.inert import line
    from mlgitops.workflows.promotion.review import approve as give

    pull = give(opened, number)
    show(line(f"{pull.title}: pull request {number} approved by {', '.join(pull.approved_by)}"))


@review.command(short_help="Merge a pull request.")
@click.argument("number", type=_NUMBER)
@repository_options
def merge(opened: Opened, number: int) -> None:
    """Merge a pull request by a merge commit, which names it and who approved.

    It is refused where it conflicts, or a status of it is not success.

    \b
    Example:
      mlgitops review merge 3
    """
    from mlgitops.cli.terminal import show
    from mlgitops.report.inert import line
    from mlgitops.workflows.promotion.review import merge as carry_out

    pull = carry_out(opened, number)
    show(line(f"{pull.title}: pull request {number} merged, {pull.merge_commit[:12]}"))
