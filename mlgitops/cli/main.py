"""The ``mlgitops`` command: finds the verb, runs it, and decides the exit code. Nothing else decides exit codes.

0 done, 1 error, 2 changes or drift where asked, 4 not authorised, 64 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, NoReturn

import click

from mlgitops import __version__
from mlgitops.errors import FindingsError, MlgitopsError

USAGE = 64
INTERRUPTED = 130

VERBS = {
    "validate": "Check every spec and say what is wrong, where, and what to do.",
    "render": "Print the manifests of an environment.",
    "diff": "Show what would change, as a diff of manifests.",
    "plan": "Show what would change, model by model, and save it for apply.",
    "apply": "Make the targets equal to Git, after showing the plan.",
    "drift": "Tell what runs otherwise than Git says; --fix repairs it.",
    "inventory": "Restore what a target knows about its objects.",
    "explain": "Say what a field is for, or where its value comes from.",
    "version": "Print the versions of mlgitops and the tools it uses.",
}


class Verbs(click.Group):
    """A group whose verbs are imported only when they are used, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"mlgitops.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in VERBS:
            from mlgitops.spec.project_files import did_you_mean

            meant = did_you_mean(args[0], VERBS)
            hint = f" Did you mean '{meant}'?" if meant else ""
            raise click.UsageError(f"there is no verb '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mlgitops")
def main() -> None:
    """Declarative GitOps for machine learning.

    Model specs in Git are checked, planned and applied to the targets of each environment. Run it anywhere inside a
    project; it walks up to mlgitops.yaml.
    """


def run() -> NoReturn:
    """Runs the command line and exits."""
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Runs the command line and gives its exit code; every failure is a message, never a traceback."""
    try:
        result = main.main(args=arguments, prog_name="mlgitops", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _broken_pipe()
    except MlgitopsError as error:
        _show(error)
        return error.exit_code
    except Exception as error:
        if os.environ.get("MLGITOPS_DEBUG"):
            raise
        # A traceback may hold what must not be shown, and helps nobody but us.
        click.echo(f"internal error: {type(error).__name__}. This is a fault of mlgitops, please report it.", err=True)
        click.echo("help: MLGITOPS_DEBUG=1 shows the traceback; look for secrets before you share it", err=True)
        return 1


def _show(error: MlgitopsError) -> None:
    from mlgitops.cli.terminal import style_for
    from mlgitops.report.findings import text

    if isinstance(error, FindingsError):
        click.echo(text(error.findings, style_for(sys.stderr)), err=True)
        return
    click.echo(f"error: {error.message}", err=True)
    if error.help:
        click.echo(f"help: {error.help}", err=True)


def _broken_pipe() -> int:
    """The reader of our output went away (``| head``): not an error, but the interpreter must not flush again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
