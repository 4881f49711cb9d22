"""``mlgitops release``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlgitops.cli.options import dry_run_option, one_environment_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened

_FIELDS = {
    "image": "image", "training_run": "trainingRun", "source_commit": "sourceCommit", "data_digest": "dataDigest",
    "trained_at": "trainedAt", "evidence": "evidence",
}  # fmt: skip


@click.command()
@click.argument("model")
@one_environment_option
@click.option("--version", required=True, metavar="VERSION", help="The release's version; never used before.")
@click.option("--artifact", required=True, metavar="URI", help="Where the trained model's files are.")
@click.option("--digest", default="", metavar="SHA256", help="The digest of the artifact: sha256:…")
@click.option("--framework", default="", metavar="NAME[=VERSION]", help="What it was made with; as before if left out.")
@click.option("--image", default="", help="The image that serves it; as before if left out.")
@click.option("--training-run", default="", help="The run that made it.")
@click.option("--source-commit", default="", help="The full Git commit of the training code.")
@click.option("--data-digest", default="", help="The digest of the training data.")
@click.option("--trained-at", default="", metavar="TIME", help="When training ended, RFC 3339.")
@click.option("--evidence", default="", metavar="PATH", help="The evidence file, relative to the environment's folder.")
@click.option(
    "--evidence-from", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of evidence begin, which the pull request brings along; instead of --evidence.",
)  # fmt: skip
@click.option(
    "--signature", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML or JSON file with inputs and outputs; as before if left out.",
)  # fmt: skip
@dry_run_option
@repository_options
def release(
    opened: Opened, model: str, environment: str, version: str, artifact: str, digest: str, framework: str,
    evidence_from: Path | None, signature: Path | None, dry_run: bool, **said: str,
) -> None:  # fmt: skip
    """Open the pull request that brings a new release from training; a training pipeline ends with this.

    Lineage is never taken over from the release before: what is not said is not there.

    \b
    Example:
      mlgitops release fraud-detector --env dev --version 1.5.0 --artifact s3://models/fraud/1.5.0
    """
    if evidence_from and said["evidence"]:
        raise click.UsageError("give one of --evidence and --evidence-from: the file goes to a place of its own")
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.workflows.promotion import release as releasing
    from mlgitops.workflows.promotion.base import open_base

    given: dict[str, Any] = {
        "version": version,
        "artifact": {"uri": artifact, **({"digest": digest} if digest else {})},
    }
    if framework:
        name, _, number = framework.partition("=")
        given["framework"] = {"name": name, **({"version": number} if number else {})}
    if signature:
        given["signature"] = releasing.read_signature(signature)
    given |= {_FIELDS[name]: value for name, value in said.items() if value}
    base = open_base(opened)
    evidence = releasing.read_evidence(evidence_from) if evidence_from else None
    draft = releasing.draft(base, model, environment, given, evidence)
    again = f"mlgitops release {model} --env {environment} --version {version} --artifact {artifact}"
    carry_out(base, draft, again, f"{environment} has that release of {model} already.", dry_run=dry_run)
