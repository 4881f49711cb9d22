"""``mlgitops evidence``."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlgitops.cli.options import color_option, output_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.evidence.subject import Written
    from mlgitops.workflows.project import Opened
    from mlgitops.workflows.promotion.base import Base


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def evidence() -> None:
    """Write down what was measured of a release, for gates to look at.

    \b
    Examples:
      mlgitops evidence add fraud-detector --env dev --from metrics.json
      mlgitops evidence begin iris --version 2.0 --from metrics.json --to evidence.json
    """


@evidence.command(short_help="Put what was measured into the evidence of a release.")
@click.argument("model")
@click.option("--env", "-e", "environment", required=True, metavar="ENV", help="The environment that has the release.")
@click.option(
    "--from", "files", multiple=True, metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Metrics in JSON, JUnit, a run of MLflow's, the drift job's report, or what status -o json printed; "
    "repeatable.",
)  # fmt: skip
@click.option("--mlflow-run", "runs", multiple=True, metavar="URI", help="A run at an MLflow server; repeatable.")
@click.option(
    "--lower-is-better", "lower", multiple=True, metavar="METRIC", help="A metric of which less is better; repeatable."
)
@click.option("--data-digest", metavar="DIGEST", help="The digest of the data that it was measured on.")
@click.option("--data-until", metavar="TIME", help="How new the newest training data is, as RFC 3339.")
@click.option("--card", metavar="URI", help="The model card.")
@click.option("--propose", is_flag=True, help="Open a pull request with it instead of writing the file here.")
@click.option("--dry-run", is_flag=True, help="Only print it.")
@output_option("text", "json")
@color_option
@repository_options
def add(
    opened: Opened, model: str, environment: str, files: tuple[Path, ...], runs: tuple[str, ...],
    lower: tuple[str, ...], data_digest: str | None, data_until: str | None, card: str | None, propose: bool,
    dry_run: bool, outputs: list[tuple[str, Path | None]], color: str,
) -> None:  # fmt: skip
    """Put what others measured into the evidence of a release: a JSON file beside its spec, for you to commit.

    What is there already stays; the same metric replaces itself. The file is about one release: what says otherwise is
    refused. MLflow's own variables (MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN) say where it is and who asks.

    \b
    Examples:
      mlgitops evidence add fraud-detector --env dev --from metrics.json --from junit.xml
      mlgitops evidence add fraud-detector --env dev --mlflow-run runs:/0123456789abcdef0123456789abcdef
      mlgitops status -o status.json; mlgitops evidence add fraud-detector --env dev --from status.json
      mlgitops evidence add fraud-detector --env dev --from drift.json --propose
    """
    from mlgitops.cli.terminal import now, style_for, write
    from mlgitops.report.promotion import evidence as report
    from mlgitops.workflows.evidence.add import Added
    from mlgitops.workflows.evidence.add import add as add_evidence
    from mlgitops.workflows.promotion.base import open_base

    options = {"dataDigest": data_digest, "dataUntil": data_until, "card": card}
    given = {name: value for name, value in options.items() if value}
    if not (files or runs or given):
        raise click.UsageError("there is nothing to add: give --from, --mlflow-run or an option with a value")
    added = Added(files, runs, frozenset(lower), given)
    base = open_base(opened) if propose else None
    source = base.opened if base else opened
    written = add_evidence(source, model, environment, added, now(), dry_run=dry_run or propose)
    style = style_for(sys.stdout, color)
    write(outputs, {
        "text": lambda: report.text(written.evidence, style), "json": lambda: report.json(written.evidence),
    })  # fmt: skip
    if base is None or dry_run:
        tell(written, dry_run=dry_run)
    else:
        _propose(base, environment, written)


def _propose(base: Base, environment: str, written: Written) -> None:
    """Opens the pull request, and says so on stderr."""
    from mlgitops.cli.terminal import now, show
    from mlgitops.report.inert import line
    from mlgitops.workflows.evidence.propose import propose

    done = propose(base, environment, written, now())
    if done is None:
        show(line(f"{written.path}: {base.branch} has it already"), err=True)
        return
    pull = done.pull_request
    show(line(f"{pull.title}: pull request {pull.number} {done.done}, {pull.url}"), err=True)


class Bound(click.ParamType[tuple[str, float]]):
    """METRIC=NUMBER."""

    name = "METRIC=NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """The metric's name and the bound."""
        if isinstance(value, tuple):
            return value
        name, _, number = str(value).rpartition("=")
        try:
            bound = float(number)
        except ValueError:
            bound = math.nan
        if not name or not math.isfinite(bound):
            self.fail(f"'{value}' is not METRIC=NUMBER, such as accuracy=0.9", param, ctx)
        return name, bound


@evidence.command(short_help="Write the evidence of a release that is not proposed yet.")
@click.argument("model")
@click.option("--version", required=True, metavar="VERSION", help="The version that the release is to have.")
@click.option(
    "--from", "files", multiple=True, required=True, metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Metrics in JSON, JUnit, or what evaluate -o json printed; repeatable.",
)  # fmt: skip
@click.option("--at-least", multiple=True, type=Bound(), help="What a metric must reach; repeatable.")
@click.option("--at-most", multiple=True, type=Bound(), help="What a metric may not pass; repeatable.")
@click.option("--data-digest", metavar="DIGEST", help="The digest of the data that it was measured on.")
@click.option("--data-until", metavar="TIME", help="How new the newest training data is, as RFC 3339.")
@click.option(
    "--to", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
@color_option
def begin(
    model: str, version: str, files: tuple[Path, ...], at_least: tuple[tuple[str, float], ...],
    at_most: tuple[tuple[str, float], ...], data_digest: str | None, data_until: str | None, to: Path, color: str,
) -> int:  # fmt: skip
    """Write the evidence of a release that is not proposed yet; a training run does this before it ends.

    It needs no project. Exits with 1 where a metric is out of its bounds, or was not measured. Hand the file to
    mlgitops release with --evidence-from.

    \b
    Example:
      mlgitops evidence begin iris --version 2.0 --from metrics.json --at-least accuracy=0.9 --to evidence.json
    """
    from mlgitops.cli.terminal import now, show, style_for
    from mlgitops.promotion.bounds import Bounds
    from mlgitops.report.inert import line
    from mlgitops.report.promotion import evidence as report
    from mlgitops.workflows.evidence.begin import Begun
    from mlgitops.workflows.evidence.begin import begin as begin_evidence

    options = {"dataDigest": data_digest, "dataUntil": data_until}
    given = {name: value for name, value in options.items() if value}
    begun = Begun(model, version, files, Bounds(dict(at_least), dict(at_most)), given)
    made, broken = begin_evidence(begun, to, now())
    show(report.text(made, style_for(sys.stdout, color)).rstrip("\n"))
    for one in broken:
        show(line(f"out of bounds: {one}"), err=True)
    return 1 if broken else 0


def tell(written: Written, *, dry_run: bool) -> None:
    """Says what became of the file, on stderr."""
    from mlgitops.cli.terminal import show
    from mlgitops.report.inert import line

    done = "unchanged" if not written.changed else "would be written" if dry_run else "written; commit it"
    show(line(f"{written.path}: {done}"), err=True)
    if written.note:
        show(line(f"note: {written.note}"), err=True)
