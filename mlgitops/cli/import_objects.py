"""``mlgitops import``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import one_environment_option, repository_options

if TYPE_CHECKING:
    from mlgitops.workflows.import_objects import Imported
    from mlgitops.workflows.project import Opened

STDIN = Path("-")


@click.command("import")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@one_environment_option
@click.option(
    "--target", "-t", "targets", multiple=True, metavar="TARGET",
    help="A target that the spec is for; repeatable. All of the environment where it is left out.",
)  # fmt: skip
@click.option("--live", multiple=True, metavar="KIND/NAME", help="An object that the target has; repeatable.")
@click.option(
    "--namespace", "-n", default="", metavar="NAMESPACE", help="Where --live looks; where models run if left out."
)
@click.option(
    "--release", default="", metavar="VERSION", help="The releases' version; read off the artifact if left out."
)
@click.option(
    "--accelerator", "accelerators", multiple=True, metavar="RESOURCE=CLASS",
    help="Which accelerator class is meant by a resource, as nvidia.com/gpu=t4; repeatable.",
)  # fmt: skip
@click.option(
    "--accept-differences", "accepts", is_flag=True, help="Write the specs although something is not carried over."
)
@click.option("--dry-run", is_flag=True, help="Print the specs, and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@repository_options
def import_objects(
    opened: Opened,
    files: tuple[Path, ...],
    environment: str,
    targets: tuple[str, ...],
    live: tuple[str, ...],
    namespace: str,
    release: str,
    accelerators: tuple[str, ...],
    accepts: bool,
    dry_run: bool,
    force: bool,
) -> int:
    """Write specs of what runs already: InferenceServices, TrainJobs, workflows of Argo.

    FILES are YAML or JSON with such objects, - is stdin; --live reads them from the target. An InferenceService becomes
    a Model, a TrainJob or a workflow a Pipeline. Each spec is rendered again and compared with its object: what is not
    carried over is an error that names its place, and what would be added is told. All files are written, or none.

    \b
    Examples:
      mlgitops import iris.yaml --env dev
      kubectl get isvc -o yaml | mlgitops import - --env dev --target aws-dev
      mlgitops import --live InferenceService/iris --env prod --target aws-prod --dry-run
    """
    from mlgitops.cli.compile import accelerator_classes
    from mlgitops.cli.terminal import show, style_for
    from mlgitops.report.findings import text
    from mlgitops.sources.given import read_given
    from mlgitops.workflows.import_objects import Request
    from mlgitops.workflows.import_objects import import_objects as imported_from

    texts = [(one.name, one.content) for one in read_given([path for path in files if path != STDIN])]
    if STDIN in files:
        texts.append(("stdin", sys.stdin.buffer.read()))
    request = Request(environment, texts, live, namespace, targets, release, accelerator_classes(accelerators), accepts)
    imported = imported_from(opened, request)
    if imported.findings:
        show(text(imported.findings, style_for(sys.stderr)), err=True)
    if dry_run:
        show("---\n".join(content.decode() for content in imported.files.values()), nl=False)
    else:
        _write(opened.root, imported, force=force)
    return 0


def _write(root: Path, imported: Imported, *, force: bool) -> None:
    """Writes all files, or none where one is there already and differs."""
    from mlgitops.cli.terminal import show, write_bytes
    from mlgitops.errors import MlgitopsError

    there = [path for path, content in imported.files.items() if _differs(root / path, content)]
    if there and not force:
        raise MlgitopsError(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already and differ"
            f"{'s' * (len(there) == 1)}; nothing was written",
            help="Look with --dry-run, then overwrite with --force.",
        )
    for path, content in imported.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(root / path, content, private=False)
        show(f"{path} written")
    if imported.files:
        show("Read what was written, then: mlgitops validate", err=True)


def _differs(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() != content
