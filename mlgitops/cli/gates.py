"""``mlgitops gates``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, output_option, project_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened

Outputs = list[tuple[str, Path | None]]


@click.command()
@click.argument("model", required=False, default="")
@click.option(
    "--env", "-e", "target", default="", metavar="ENV", help="The environment that the release is to come to."
)
@click.option("--from", "source", default="", metavar="ENV", help="Where it is; the environment before --env.")
@click.option(
    "--base",
    default="",
    metavar="REF",
    help="The branch that a pull request is to: verify the one checked out.",
)
@click.option("--post", is_flag=True, help="With --base: set the commit status, and write or update one comment.")
@click.option(
    "--pull-request", "number", type=click.IntRange(min=1), envvar="MLGITOPS_PULL_REQUEST", metavar="NUMBER",
    help="The pull request to post to; found by the claim's branch where it is left out.",
)  # fmt: skip
@output_option("text", "json", "junit")
@color_option
@project_options
def gates(
    opened: Opened, model: str, target: str, source: str, base: str, post: bool, number: int | None, outputs: Outputs,
    color: str,
) -> int:  # fmt: skip
    """Show what an environment's gates say of a release, or verify what a pull request claims.

    With MODEL and --env, it judges the release that would be promoted, by the files that are here. With --base, it
    works out again what the commit claims in its trailers: release, evidence, plan and gates, by the gates of REF and
    never by the pull request's own. Exits with 1 where a gate blocks, or a claim is stale or forged.

    \b
    Examples:
      mlgitops gates fraud-detector --env prod
      mlgitops gates --base origin/main --post -o text -o junit=gates.xml
    """
    if bool(base) == bool(model) or bool(model) != bool(target):
        raise click.UsageError("give MODEL and --env, or --base")
    if (post or number is not None) and not base:
        raise click.UsageError("--post and --pull-request go with --base")
    if base:
        return _verify(opened, base, number, outputs, color, post=post)
    return _show(opened, model, source, target, outputs, color)


def _show(opened: Opened, model: str, source: str, target: str, outputs: Outputs, color: str) -> int:
    from mlgitops.cli.terminal import now, style_for, write
    from mlgitops.promotion.judgement import Verdict
    from mlgitops.report.promotion import gates as report
    from mlgitops.workflows.promotion.gates import show as find

    found = find(opened, model, source, target, now())
    style = style_for(sys.stdout, color)
    title = f"{model} {found.version} from {found.source} to {found.target}\n"
    there = f"{found.target} has that release of {model} already.\n"
    write(outputs, {
        "text": lambda: title + report.text(found.gates, style) if found.version else there,
        "json": lambda: report.json(found.gates),
        "junit": lambda: report.junit(found.gates),
    })  # fmt: skip
    return 1 if any(one.verdict is Verdict.BLOCK for one in found.gates) else 0


def _verify(opened: Opened, base: str, number: int | None, outputs: Outputs, color: str, *, post: bool) -> int:
    from mlgitops.cli.terminal import now, show, style_for, write
    from mlgitops.report.inert import line
    from mlgitops.report.promotion import gates as report
    from mlgitops.workflows.promotion.gates import post as tell
    from mlgitops.workflows.promotion.verify import verify

    found = verify(opened, opened.source.commit or "HEAD", base, now())
    style = style_for(sys.stdout, color)
    write(outputs, {
        "text": lambda: report.verification_text(found, style),
        "json": lambda: report.verification_json(found),
        "junit": lambda: report.verification_junit(found),
    })  # fmt: skip
    if post:
        show(f"told pull request {tell(opened, found, number).number}: {line(report.in_a_line(found))}", err=True)
    return 0 if found.passes else 1
