"""``mlgitops evidence``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, output_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.evidence.subject import Written
    from mlgitops.workflows.project import Opened


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def evidence() -> None:
    """Write down what was measured of a release, for gates to look at."""


@evidence.command()
@click.argument("model")
@click.option("--env", "-e", "environment", required=True, metavar="ENV", help="The environment that has the release.")
@click.option(
    "--from", "files", multiple=True, metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Metrics in JSON, JUnit, a run of MLflow's, or what status -o json printed; repeatable.",
)  # fmt: skip
@click.option("--mlflow-run", "runs", multiple=True, metavar="URI", help="A run at an MLflow server; repeatable.")
@click.option("--lower-is-better", "lower", multiple=True, metavar="METRIC", help="Of this metric; repeatable.")
@click.option("--data-digest", metavar="DIGEST", help="The digest of the data that it was measured on.")
@click.option("--data-until", metavar="TIME", help="How new the newest training data is, as RFC 3339.")
@click.option("--card", metavar="URI", help="The model card.")
@click.option("--dry-run", is_flag=True, help="Only print it.")
@output_option("text", "json")
@color_option
@repository_options
def add(
    opened: Opened, model: str, environment: str, files: tuple[Path, ...], runs: tuple[str, ...],
    lower: tuple[str, ...], data_digest: str | None, data_until: str | None, card: str | None, dry_run: bool,
    outputs: list[tuple[str, Path | None]], color: str,
) -> None:  # fmt: skip
    """Put what others measured into the evidence of a release: a JSON file beside its spec, for you to commit.

    What is there already stays; the same metric replaces itself. The file is about one release: what says otherwise is
    refused. MLflow's own variables (MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN) say where it is and who asks.

    \b
    Examples:
      mlgitops evidence add fraud-detector --env dev --from metrics.json --from junit.xml
      mlgitops evidence add fraud-detector --env dev --mlflow-run runs:/0123456789abcdef0123456789abcdef
      mlgitops status -o status.json; mlgitops evidence add fraud-detector --env dev --from status.json
    """
    from mlgitops.cli.terminal import now, style_for, write
    from mlgitops.report.promotion import evidence as report
    from mlgitops.workflows.evidence.add import Added
    from mlgitops.workflows.evidence.add import add as add_evidence

    options = {"dataDigest": data_digest, "dataUntil": data_until, "card": card}
    given = {name: value for name, value in options.items() if value}
    if not (files or runs or given):
        raise click.UsageError("there is nothing to add: give --from, --mlflow-run or an option with a value")
    added = Added(files, runs, frozenset(lower), given)
    written = add_evidence(opened, model, environment, added, now(), dry_run=dry_run)
    style = style_for(sys.stdout, color)
    write(outputs, {
        "text": lambda: report.text(written.evidence, style), "json": lambda: report.json(written.evidence),
    })  # fmt: skip
    tell(written, dry_run=dry_run)


def tell(written: Written, *, dry_run: bool) -> None:
    """Says what became of the file, on stderr."""
    from mlgitops.cli.terminal import show
    from mlgitops.report.inert import line

    done = "unchanged" if not written.changed else "would be written" if dry_run else "written; commit it"
    show(line(f"{written.path}: {done}"), err=True)
    if written.note:
        show(line(f"note: {written.note}"), err=True)
