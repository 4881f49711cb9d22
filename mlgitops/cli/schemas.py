"""``mlgitops schemas``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import output_option, project_options, root_option

if TYPE_CHECKING:
    from mlgitops.check.served.kind import ServedKind
    from mlgitops.workflows.project import Opened
    from mlgitops.workflows.schemas import Imported


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def schemas() -> None:
    """Import what the kinds of a target look like, so that manifests are checked against it offline.

    \b
    Examples:
      mlgitops schemas import --context prod-eu --target aws-prod
      mlgitops schemas list
    """


@schemas.command("import", short_help="Import what a target serves, from files or a cluster.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--target", "-t", "targets", multiple=True, required=True, metavar="TARGET", help="The target; repeatable."
)
@click.option("--context", metavar="CONTEXT", help="Import what this context of the kubeconfig serves, not files.")
@click.option(
    "--kubeconfig",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The kubeconfig; KUBECONFIG or ~/.kube/config where it is left out.",
)
@click.option("--replace", is_flag=True, help="Remove the kinds of the target that are not among these.")
@root_option
def import_schemas(
    sources: tuple[Path, ...],
    targets: tuple[str, ...],
    context: str | None,
    kubeconfig: Path | None,
    replace: bool,
    root: Path | None,
) -> None:
    """Import what a target serves, from files or a cluster, into targets/schemas. Commit what it writes.

    A SOURCE is a file with custom resource definitions or one of OpenAPI v3, in YAML or JSON, or a folder of such
    files. From then on the manifests of the target are checked against it whenever they are rendered.

    \b
    Examples:
      mlgitops schemas import --context prod-eu --target aws-prod --replace
      mlgitops schemas import kserve.yaml argo-workflows/ -t aws-dev -t aws-prod
    """
    from mlgitops.cli.terminal import show
    from mlgitops.workflows.project import open_project
    from mlgitops.workflows.schemas import import_cluster, import_files

    from_cluster = context is not None or kubeconfig is not None
    if from_cluster == bool(sources):
        raise click.UsageError("give files and folders, or --context or --kubeconfig")
    opened = open_project(root, None)
    if from_cluster:
        done = import_cluster(opened, targets, context, kubeconfig, replace=replace)
    else:
        done = import_files(opened, targets, sources, replace=replace)
    for name in done.not_read:
        show(f"not read, since it is neither YAML nor JSON: {name}", err=True)
    show(_summary(done))


@schemas.command("list")
@output_option("text", "json")
@project_options
def list_schemas(opened: Opened, outputs: list[tuple[str, Path | None]]) -> None:
    """List the kinds that were imported, target by target.

    \b
    Example:
      mlgitops schemas list -o json
    """
    import orjson

    from mlgitops.cli.terminal import write
    from mlgitops.workflows.schemas import listed

    found = listed(opened)
    data = {target: [_plain(kind) for kind in kinds] for target, kinds in found.items()}
    json = orjson.dumps({"formatVersion": "1.0", "targets": data}, option=orjson.OPT_INDENT_2).decode()
    write(outputs, {"text": lambda: _table(found), "json": json})


def _summary(done: Imported) -> str:
    from mlgitops.report.findings import counted

    parts = [counted(len(done.written), "schema") + " written", f"{len(done.unchanged):,} unchanged"]
    return ", ".join([*parts, *([f"{len(done.removed):,} removed"] if done.removed else [])]) + "."


def _plain(kind: ServedKind) -> dict[str, str | bool]:
    return {
        "apiVersion": kind.api_version, "kind": kind.kind, "plural": kind.plural, "namespaced": kind.namespaced,
        "source": kind.source,
    }  # fmt: skip


def _table(found: dict[str, list[ServedKind]]) -> str:
    if not found:
        return "No schemas were imported. See: mlgitops schemas import --help"
    lines = []
    for target, kinds in found.items():
        lines.append(target)
        lines += [f"  {kind.kind:<28} {kind.api_version:<36} from {kind.source}" for kind in kinds]
    return "\n".join(lines)
