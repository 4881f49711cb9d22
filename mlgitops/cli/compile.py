"""``mlgitops compile``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import one_environment_option, repository_options
from mlgitops.cli.wait import Duration

if TYPE_CHECKING:
    from mlgitops.workflows.compile import Compiled
    from mlgitops.workflows.project import Opened


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@one_environment_option
@click.option("--name", default="", metavar="NAME", help="The Pipeline's name; that of the source where left out.")
@click.option(
    "--output", "-o", default="", metavar="PATH",
    help="Where to write it, - for stdout; environments/ENV/pipelines/NAME.yaml where left out.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@click.option("--workflow", "chosen", default="", metavar="NAME", help="Which one, where the file has several.")
@click.option(
    "--target", "-t", "targets", multiple=True, metavar="TARGET",
    help="A target that the spec is for; repeatable. All of the environment where it is left out.",
)  # fmt: skip
@click.option(
    "--accelerator", "accelerators", multiple=True, metavar="RESOURCE=CLASS",
    help="Which accelerator class is meant by a resource, as nvidia.com/gpu=t4; repeatable.",
)  # fmt: skip
@click.option("--python", default=sys.executable, metavar="PROGRAM", show_default="this one",
              help="The Python that runs a Python file, and has hera or kfp.")  # fmt: skip
@click.option("--timeout", type=Duration(), default="1m", show_default=True, help="For how long a Python file may run.")
@repository_options
def compile(
    opened: Opened,
    file: Path,
    environment: str,
    name: str,
    output: str,
    force: bool,
    chosen: str,
    targets: tuple[str, ...],
    accelerators: tuple[str, ...],
    python: str,
    timeout: float,
) -> int:
    """Turn a workflow of hera, Argo or Kubeflow Pipelines into a Pipeline in Git.

    FILE is a Python file that defines a Workflow, WorkflowTemplate or CronWorkflow with hera, or a pipeline with KFP
    where that is installed; or YAML: an object of Argo's, a pipeline or component that KFP 2 compiled, a component
    file. What a Pipeline cannot say is an error that names its place in the source; nothing is left out in silence.

    A Python file is run, with your rights, by another process: compile only what you would run. The controller never
    compiles; commit what comes of it.

    \b
    Examples:
      mlgitops compile training.py --env dev
      mlgitops compile pipeline.yaml --env dev --name fraud-training --target aws-dev
      mlgitops compile training.py --env dev --output - | less
    """
    from dataclasses import replace

    from mlgitops.cli.terminal import show, style_for
    from mlgitops.report.findings import text
    from mlgitops.tools.python import LIMITS
    from mlgitops.workflows.compile import Request, compile_file

    request = Request(
        file,
        environment,
        python,
        replace(LIMITS, timeout=timeout),
        name,
        chosen,
        targets,
        accelerator_classes(accelerators),
    )
    compiled = compile_file(opened, request)
    if compiled.warnings:
        show(text(compiled.warnings, style_for(sys.stderr)), err=True)
    if output == "-":
        show(compiled.text, nl=False)
    else:
        show(_written(Path(output) if output else opened.root / compiled.path, compiled, force=force))
    return 0


def accelerator_classes(accelerators: tuple[str, ...]) -> dict[str, str]:
    """Classes by resource, from RESOURCE=CLASS. Raises ``click.UsageError``."""
    for one in accelerators:
        if not all(one.partition("=")):
            raise click.UsageError(f"--accelerator {one} is not RESOURCE=CLASS, such as nvidia.com/gpu=t4")
    return {one.partition("=")[0]: one.partition("=")[2] for one in accelerators}


def _written(path: Path, compiled: Compiled, *, force: bool) -> str:
    """Writes the file, whole or not at all, and says so; one with the same content stays as it is."""
    from mlgitops.cli.terminal import write_file
    from mlgitops.errors import MlgitopsError

    try:
        before = path.read_bytes() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MlgitopsError(
            f"{path} cannot be written: {error.strerror}",
            help="Name another file with --output, or - for the terminal.",
        ) from error
    if before == compiled.text.encode():
        return f"{path.name} is as it is compiled already."
    if before is not None and not force:
        raise MlgitopsError(
            f"{path} is there already and differs", help="Look with --output -, then overwrite it with --force."
        )
    write_file(path, compiled.text, private=False)
    steps = f"{compiled.steps} step{'s' * (compiled.steps != 1)}"
    return f"{path.name} {'over' * (before is not None)}written: {steps}. Read it, then: mlgitops validate"
