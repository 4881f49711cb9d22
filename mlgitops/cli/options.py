"""Options that several verbs share. Those that belong together reach a verb as one argument."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mlgitops.cli.names import environment_names, model_names, target_names
from mlgitops.plan.asked import Asked

Command = Callable[..., Any]

root_option = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="MLGITOPS_ROOT",
    help="The project's root; found by walking up to mlgitops.yaml where it is left out.",
)
_PROJECT = (
    root_option,
    click.option("--revision", metavar="REV", help="Read the specs of a Git commit, not of the work tree."),
    click.option("--no-cache", is_flag=True, envvar="MLGITOPS_NO_CACHE", help="Neither read nor write the cache."),
)
_REPOSITORY = (_PROJECT[0], _PROJECT[2])


def _parameters(_ctx: click.Context, _option: click.Parameter, settings: tuple[str, ...]) -> dict[str, str]:
    given: dict[str, str] = {}
    for one in settings:
        name, equals, value = one.partition("=")
        if not name or not equals or name in given:
            raise click.UsageError(f"--set {one} is not NAME=VALUE, or is given twice")
        given[name] = value
    return given


parameters_option = click.option(
    "--set", "parameters", multiple=True, metavar="NAME=VALUE", callback=_parameters,
    help="A parameter of this run; repeatable.",
)  # fmt: skip
one_environment_option = click.option(
    "--env",
    "-e",
    "environment",
    required=True,
    metavar="ENV",
    shell_complete=environment_names,
    help="The environment.",
)
branch_option = click.option(
    "--revision", default="", metavar="REV", help="Read this branch or commit here, not the protected one at the forge."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Print the pull request; push nothing.")


def _environments(help: str) -> Callable[[Command], Command]:
    return click.option(
        "--env", "-e", "environments", multiple=True, metavar="ENV", shell_complete=environment_names, help=help
    )


environment_option = _environments("Only this environment, repeatable; all where it is left out.")
_SELECTION = (
    click.option(
        "--target", "-t", "targets", multiple=True, metavar="TARGET", shell_complete=target_names,
        help="Only this target; repeatable.",
    ),
    click.option(
        "--model", "-m", "models", multiple=True, metavar="MODEL", shell_complete=model_names,
        help="Only this model; repeatable.",
    ),
    click.option("--select", "objects", multiple=True, metavar="KIND/NAME", help="Only this object; repeatable."),
)  # fmt: skip
color_option = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    envvar="MLGITOPS_COLOR",
    help="When to use colours. NO_COLOR and CLICOLOR_FORCE are honoured.",
)
progress_option = click.option("--no-progress", is_flag=True, help="Show no progress.")
CHANGES = 2
"""The exit code that says that there are changes, or drift."""
detailed_exitcode_option = click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 where there are changes."
)


def project_options(command: Command) -> Command:
    """``--root``, ``--revision`` and ``--no-cache``; the verb gets ``opened``, the open project."""

    @functools.wraps(command)
    def with_project(*, root: Path | None, revision: str | None, no_cache: bool, **rest: Any) -> Any:
        from mlgitops.workflows.project import open_project

        return command(opened=open_project(root, revision, no_cache=no_cache), **rest)

    return _decorated(with_project, _PROJECT)


def repository_options(command: Command) -> Command:
    """``--root`` and ``--no-cache``, for verbs about a branch of the forge; the verb gets ``opened``."""

    @functools.wraps(command)
    def with_repository(*, root: Path | None, no_cache: bool, **rest: Any) -> Any:
        from mlgitops.workflows.project import open_project

        return command(opened=open_project(root, None, no_cache=no_cache), **rest)

    return _decorated(with_repository, _REPOSITORY)


def project_choices(command: Command) -> Command:
    """The same options for a verb that opens the project only in some cases: it gets them as they are."""
    return _decorated(command, _PROJECT)


def selection_options(command: Command) -> Command:
    """``--env``, ``--target``, ``--model`` and ``--select``; the verb gets ``asked``."""
    return _selecting(command, environment_option)


def named_selection_options(command: Command) -> Command:
    """The same for a verb that wants environments named, or has a file that names them."""
    return _selecting(command, _environments("The environment, repeatable; needed unless a PLAN is given."))


def _selecting(command: Command, environments: Callable[[Command], Command]) -> Command:

    @functools.wraps(command)
    def with_selection(
        *, environments: tuple[str, ...], targets: tuple[str, ...], models: tuple[str, ...], objects: tuple[str, ...],
        **rest: Any,
    ) -> Any:  # fmt: skip
        return command(asked=Asked(environments, targets, models, objects), **rest)

    return _decorated(with_selection, (environments, *_SELECTION))


def _decorated(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


class Output(click.ParamType[tuple[str, Path | None]]):
    """FORMAT, FORMAT=PATH, or a PATH whose ending is the format (``-o plan.json``)."""

    name = "FORMAT[=PATH]"

    def __init__(self, *formats: str) -> None:
        self.formats = formats

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path | None]:
        """The format, and the path if it is to be written rather than printed."""
        if isinstance(value, tuple):
            return value
        format, equals, path = value.partition("=")
        if format in self.formats:
            return format, Path(path) if path else None
        if equals and format.isalpha():
            self.fail(
                f"'{format}' is none of {', '.join(self.formats)}; a file of that name begins with ./", param, ctx
            )
        ending = Path(value).suffix.lstrip(".")
        if ending not in self.formats:
            self.fail(f"'{value}' is none of {', '.join(self.formats)}, nor a path that ends in one", param, ctx)
        return ending, Path(value)


def output_option(*formats: str) -> Callable[[Command], Command]:
    """``-o``: what is printed, or written to a file; may be given more than once. The first format is the default."""
    return click.option(
        "-o",
        "--output",
        "--format",
        "outputs",
        type=Output(*formats),
        multiple=True,
        metavar="FORMAT[=PATH]",
        default=[(formats[0], None)],
        show_default=formats[0],
        help=f"One of: {', '.join(formats)}; with =PATH into a file. Repeatable.",
    )
