"""``mlgitops release``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from mlgitops.cli.names import model_names
from mlgitops.cli.options import dry_run_option, one_environment_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.project import Opened

_FIELDS = {
    "image": "image", "training_run": "trainingRun", "source_commit": "sourceCommit", "data_digest": "dataDigest",
    "reference": "reference", "trained_at": "trainedAt", "registered": "registered", "sbom": "sbom",
    "evidence": "evidence",
}  # fmt: skip


@click.command()
@click.argument("model", shell_complete=model_names)
@one_environment_option
@click.option(
    "--from", "source", default="", metavar="REFERENCE",
    help="A version in a model registry: mlflow:models:/NAME@ALIAS, mlflow:models:/NAME/VERSION, or kubeflow:models:/…",
)  # fmt: skip
@click.option("--version", default="", metavar="VERSION", help="The release's version; the registry's with --from.")
@click.option("--artifact", default="", metavar="URI", help="Where the trained model's files are.")
@click.option(
    "--artifact-root", default="", metavar="URI", envvar="MLGITOPS_ARTIFACT_ROOT",
    help="With --from: where MLflow keeps the files that it hands out itself (its --artifacts-destination).",
)  # fmt: skip
@click.option(
    "--artifact-signature", "bundle", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --from: the bundle that model-signing wrote of the files, for the gate signed.",
)  # fmt: skip
@click.option(
    "--lower-is-better", "lower", multiple=True, metavar="METRIC",
    help="With --from: a metric of which less is better; repeatable.",
)  # fmt: skip
@click.option("--digest", default="", metavar="SHA256", help="The digest of the artifact: sha256:…")
@click.option("--framework", default="", metavar="NAME[=VERSION]", help="What it was made with; as before if left out.")
@click.option("--image", default="", metavar="IMAGE", help="The image that serves it; as before if left out.")
@click.option("--training-run", default="", metavar="RUN", help="The run that made it.")
@click.option("--source-commit", default="", metavar="COMMIT", help="The full Git commit of the training code.")
@click.option("--data-digest", default="", metavar="DIGEST", help="The digest of the training data.")
@click.option("--reference", default="", metavar="URI", help="The training data, or a sample of it, for drift.")
@click.option("--trained-at", default="", metavar="TIME", help="When training ended, RFC 3339.")
@click.option("--registered", default="", metavar="REFERENCE", help="The version in a registry; what --from names.")
@click.option("--sbom", default="", metavar="URI", help="The software bill of materials.")
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
    opened: Opened, model: str, environment: str, source: str, version: str, artifact: str, artifact_root: str,
    bundle: Path | None, lower: tuple[str, ...], digest: str, framework: str, evidence_from: Path | None,
    signature: Path | None, dry_run: bool, **said: str,
) -> None:  # fmt: skip
    """Open the pull request that brings a new release from training; a training pipeline ends with this.

    Lineage is never taken over from the release before: what is not said is not there. With --from, a model registry
    says it: files, run, metrics, parameters, signature, commit. What is given beside it counts before that. MLflow's
    own variables (MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN) say where it is and who asks.

    \b
    Examples:
      mlgitops release fraud-detector --env dev --version 1.5.0 --artifact s3://models/fraud/1.5.0
      mlgitops release fraud-detector --env dev --from mlflow:models:/fraud@candidate
    """
    if evidence_from and said["evidence"]:
        raise click.UsageError("give one of --evidence and --evidence-from: the file goes to a place of its own")
    if not source and not (version and artifact):
        raise click.UsageError("give --from, or both --version and --artifact")
    if (lower or bundle) and not source:
        raise click.UsageError("--lower-is-better and --artifact-signature go with --from")
    given_here = click.get_current_context().get_parameter_source("artifact_root") is ParameterSource.COMMANDLINE
    if given_here and not source:
        raise click.UsageError("--artifact-root goes with --from; --artifact says where the files are")
    from mlgitops.cli.pull_request import carry_out
    from mlgitops.workflows.promotion import release as releasing
    from mlgitops.workflows.promotion.base import open_base
    from mlgitops.workflows.promotion.from_registry import Taken, Wanted, take

    given = _given(version, artifact, digest, framework)
    if signature:
        given["signature"] = releasing.read_signature(signature)
    given |= {_FIELDS[name]: value for name, value in said.items() if value}
    base = open_base(opened)
    files = releasing.read_evidence(bundle) if bundle else b""
    wanted = Wanted(model, source, given, artifact_root, files, frozenset(lower))
    taken = take(wanted) if source else Taken(given, None, ())
    evidence = releasing.read_evidence(evidence_from) if evidence_from else None if said["evidence"] else taken.evidence
    draft = releasing.draft(base, model, environment, taken.fields, evidence, taken.notes)
    options = {"--from": source, "--version": version, "--artifact": artifact, "--artifact-root": artifact_root}
    told = [part for name, value in options.items() if value for part in (name, value)]
    again = shlex.join(["mlgitops", "release", model, "--env", environment, *told])
    carry_out(base, draft, again, f"{environment} has that release of {model} already.", dry_run=dry_run)


def _given(version: str, artifact: str, digest: str, framework: str) -> dict[str, Any]:
    """The fields of the release that options of their own say, as in YAML."""
    files = {name: value for name, value in (("uri", artifact), ("digest", digest)) if value}
    given: dict[str, Any] = {**({"version": version} if version else {}), **({"artifact": files} if files else {})}
    if framework:
        name, _, number = framework.partition("=")
        given["framework"] = {"name": name, **({"version": number} if number else {})}
    return given
