"""``mlgitops evaluate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import color_option, output_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("model")
@click.option("--env", "-e", "environment", required=True, metavar="ENV", help="The environment that has the release.")
@click.option("--url", required=True, metavar="URL", help="Where the model is served: https://HOST, without /v2.")
@click.option(
    "--golden", required=True, metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Requests with right answers, one JSON object a line.",
)  # fmt: skip
@click.option("--name", default="", metavar="NAME", help="The model's name at the server, if not MODEL.")
@click.option(
    "--absolute", type=click.FloatRange(min=0), default=1e-6, show_default=True, metavar="NUMBER",
    help="By how much a number may be off; what --relative allows is added.",
)  # fmt: skip
@click.option(
    "--relative", type=click.FloatRange(min=0), default=1e-4, show_default=True, metavar="NUMBER",
    help="By which share of the right number it may be off.",
)  # fmt: skip
@click.option(
    "--requests",
    type=click.IntRange(1, 1_000_000),
    default=200,
    show_default=True,
    metavar="NUMBER",
    help="How many requests are measured.",
)
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, metavar="NUMBER",
    help="How many requests are under way at a time.",
)  # fmt: skip
@click.option(
    "--warmup",
    type=click.IntRange(0, 10_000),
    default=5,
    show_default=True,
    metavar="NUMBER",
    help="How many requests are sent before, and not measured.",
)
@click.option(
    "--duration", type=click.FloatRange(min=0, max=86_400), default=300, show_default=True, metavar="SECONDS",
    help="Seconds after which no request is begun.",
)  # fmt: skip
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.01, max=600),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long a request may take.",
)
@click.option(
    "--token-from", default="", metavar="VARIABLE", help="The environment variable that holds a bearer token."
)
@click.option("--host", default="", metavar="HOST", help="The Host header, where an ingress goes by it.")
@click.option("--dry-run", is_flag=True, help="Measure, but write nothing.")
@output_option("text", "json")
@color_option
@repository_options
def evaluate(
    opened: Opened, model: str, environment: str, url: str, golden: Path, name: str, absolute: float, relative: float,
    requests: int, concurrency: int, warmup: int, duration: float, timeout: float, token_from: str, host: str,
    dry_run: bool, outputs: list[tuple[str, Path | None]], color: str,
) -> int:  # fmt: skip
    """Ask a served model a golden set of questions, check its answers, and measure how it responds.

    It speaks the Open Inference Protocol: version 2 where the golden set has inputs and outputs, version 1 where it has
    instances and predictions. Latency (p50, p95, p99), throughput and the share of requests without a right answer go
    into the release's evidence, for gates to judge. Exits with 1 where any answer was wrong or missing.

    \b
    Examples:
      mlgitops evaluate iris --env dev --url http://localhost:8080 --golden iris.jsonl
      mlgitops evaluate iris --env dev --url https://models.example.com --golden iris.jsonl --requests 2000
    """
    from mlgitops.cli.evidence import tell
    from mlgitops.cli.terminal import now, show, style_for, write
    from mlgitops.promotion.golden import Tolerance
    from mlgitops.report.promotion import evidence as report
    from mlgitops.workflows.evidence.evaluate import Asked
    from mlgitops.workflows.evidence.evaluate import evaluate as measure

    asked = Asked(
        url, name or model, golden, Tolerance(absolute, relative), requests, concurrency, warmup, duration, timeout,
        token_from, host,
    )  # fmt: skip
    done = measure(opened, model, environment, asked, now(), dry_run=dry_run)
    style = style_for(sys.stdout, color)
    write(outputs, {
        "text": lambda: report.text(done.written.evidence, style), "json": lambda: report.json(done.written.evidence),
    })  # fmt: skip
    if wrong := report.problems(done.measured, style_for(sys.stderr, color)):
        show(wrong, err=True)
    tell(done.written, dry_run=dry_run)
    return 1 if done.measured.problems else 0
