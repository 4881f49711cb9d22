"""``mlgitops logs``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, one_environment_option, output_option, project_options
from mlgitops.cli.wait import Duration

if TYPE_CHECKING:
    from mlgitops.plan.said import TargetSaid
    from mlgitops.workflows.logs import Ear
    from mlgitops.workflows.project import Opened

MOST_LINES = 5000  # mlgitops.targets.logs.MOST_LINES, which a test holds it to: --help imports nothing
TAIL = 100
_STREAMS = ([("text", None)], [("jsonl", None)])
"""Outputs of which each line can be printed as it comes."""


@click.command()
@click.argument("model")
@one_environment_option
@click.option("--target", "-t", "targets", multiple=True, metavar="TARGET", help="Only this target; repeatable.")
@click.option("--since", type=Duration(), metavar="DURATION", help="Only what was said since then, such as 15m.")
@click.option(
    "--tail", type=click.IntRange(1, MOST_LINES), default=TAIL, show_default=True, metavar="NUMBER",
    help="How many of the last lines of each container.",
)  # fmt: skip
@click.option("--follow", "-f", is_flag=True, help="Go on until interrupted.")
@output_option("text", "json", "jsonl")
@color_option
@project_options
def logs(
    opened: Opened,
    model: str,
    environment: str,
    targets: tuple[str, ...],
    since: float | None,
    tail: int,
    follow: bool,
    outputs: list[tuple[str, Path | None]],
    color: str,
) -> int:
    """Show what a model's pods, the reconciler and its last runs said, at all of its targets.

    The workload is the pods that serve. The reconciler is Kubernetes with its controllers, by their Events and by how
    they say that pods stand, and mlgitops, by its audit Events and, where the Project says that the controller runs in
    a cluster, by its log. Runs are the last ones of the model's schedules and of the pipelines that train it. MODEL may
    be a pipeline, too. It only reads; what looks like a secret is masked.

    A target that does not answer, or a right that is missing, holds up nothing else: it is told on stderr. Exits with 4
    where a right is missing, with 1 where anything else could not be read, else with 0.

    \b
    Examples:
      mlgitops logs fraud-detector --env prod
      mlgitops logs fraud-detector --env prod --target aws-prod --since 15m --follow
      mlgitops logs fraud-detector --env prod -o jsonl | jq 'select(.voice == "run")'
    """
    from mlgitops.workflows.logs import AskedLogs, ears, followed, heard

    _require_streams(follow, outputs)
    places = ears(opened, AskedLogs(model, environment, targets, _ago(since), tail))
    if follow:
        return _stream(followed(places), len(places) > 1, outputs[0][0], color)
    if list(outputs) in _STREAMS:
        return _stream(heard(places), len(places) > 1, outputs[0][0], color)
    return _written(list(heard(places)), places, model, environment, outputs, color)


def _require_streams(follow: bool, outputs: list[tuple[str, Path | None]]) -> None:
    if follow and list(outputs) not in _STREAMS:
        raise click.UsageError("--follow prints text or jsonl, one of them: a JSON document would have no end")


def _ago(since: float | None) -> str:
    """The time so many seconds ago, as RFC 3339; empty where none is given."""
    from datetime import UTC, datetime, timedelta

    if since is None:
        return ""
    return f"{datetime.now(UTC) - timedelta(seconds=since):%Y-%m-%dT%H:%M:%SZ}"


def _stream(said: Iterable[TargetSaid], several: bool, format: str, color: str) -> int:
    """Prints each place's lines as they come, until there are no more or nobody reads them."""
    from mlgitops.cli.terminal import show, silence

    code, lines = 0, _lines(several, format, color)
    for one in said:
        try:
            for line in lines(one):
                click.echo(line)
        except BrokenPipeError:
            silence(sys.stdout)
            return code
        for line in _troubles(one, format, color):
            show(line, err=True)
        code = max(code, _code(one))
    return code


def _lines(several: bool, format: str, color: str) -> Callable[[TargetSaid], Iterator[str]]:
    from mlgitops.cli.terminal import style_for
    from mlgitops.report import logs as report

    if format == "jsonl":
        return report.json_lines
    style = style_for(sys.stdout, color)
    return lambda one: report.lines(one, style, several=several)


def _troubles(one: TargetSaid, format: str, color: str) -> Iterator[str]:
    from mlgitops.cli.terminal import style_for
    from mlgitops.report import logs as report

    return iter(()) if format == "jsonl" else report.troubles(one, style_for(sys.stderr, color))


def _code(one: TargetSaid) -> int:
    if one.forbidden:
        return 4
    return 0 if one.complete else 1


def _written(
    said: list[TargetSaid],
    places: Sequence[Ear],
    model: str,
    environment: str,
    outputs: list[tuple[str, Path | None]],
    color: str,
) -> int:
    """Writes the outputs, with the places in their own order, once all were heard of."""
    from mlgitops.cli.terminal import show, write
    from mlgitops.report import logs as report

    order = [ear.place for ear in places]
    said = sorted(said, key=lambda one: order.index(one.target))
    plain = "never" if all(path for _, path in outputs) else color
    write(outputs, {
        "text": lambda: "\n".join(line for one in said for line in _lines(len(places) > 1, "text", plain)(one)),
        "json": lambda: report.json(model, environment, said),
        "jsonl": lambda: "\n".join(line for one in said for line in report.json_lines(one)),
    })  # fmt: skip
    for line in (line for one in said for line in _troubles(one, "text", color)):
        show(line, err=True)
    return max(map(_code, said))
