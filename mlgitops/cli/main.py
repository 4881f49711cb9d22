"""The ``mlgitops`` command: finds the verb, runs it, and decides the exit code. Nothing else decides exit codes.

0 done, 1 error, 2 changes or drift where asked, 4 not authorised, 64 wrong usage, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import signal
import sys
from typing import Any, NoReturn

import click

from mlgitops import __version__
from mlgitops.errors import FindingsError, MlgitopsError

USAGE = 64
INTERRUPTED = 130
TERMINATED = 143

_OBJECTS_BETWEEN_COLLECTIONS = 20_000
"""By default these are 700: decoding thousands of manifests, none of which is garbage, would look at them often."""

VERBS = {
    "init": "Begin a project: specs, schemas for editors, and a model to try it with.",
    "doctor": "Look at tools, access, rights and versions, and say how to mend each.",
    "validate": "Check every spec and say what is wrong, where, and what to do.",
    "render": "Print the manifests of an environment.",
    "diff": "Show what would change, as a diff of manifests.",
    "plan": "Show what would change, model by model, and save it for apply.",
    "apply": "Make the targets equal to Git, after showing the plan.",
    "status": "Tell what runs where, how it is, and from which commit.",
    "logs": "Show what a model's pods, the reconciler and its last runs said.",
    "utilisation": "Tell what models use of what they ask for, with patches.",
    "drift": "Tell what runs otherwise than Git says; --fix repairs it.",
    "controller": "Follow a Git branch and keep every target as it says, day and night.",
    "compile": "Turn a workflow of hera, Argo or Kubeflow Pipelines into a Pipeline in Git.",
    "run": "Start one run of a pipeline, and follow it to its end.",
    "rollout": "Resume, abort or approve what the controller rolls out.",
    "promote": "Open the pull request that brings a release to the next environment.",
    "rollback": "Open the pull request that goes back to an older release, and holds it.",
    "release-hold": "Open the pull request that lifts a rollback's hold.",
    "release": "Open the pull request that brings a new release from training.",
    "registry": "Tell a model registry what runs, and compute the digest of a model's files.",
    "retrain": "Open the pull request that has a model's pipeline run again.",
    "retire": "Open the pull request that deprecates a model, then the one that ends it.",
    "evidence": "Write down what was measured of a release, for gates to look at.",
    "evaluate": "Ask a served model, check its answers, and measure how it responds.",
    "gates": "Show what gates say of a release, or verify what a pull request claims.",
    "ci": "Run what continuous integration runs: check, apply, drift, promote.",
    "review": "Read, approve of and merge pull requests of a forge without a server.",
    "history": "Tell every release of a model that ran, from Git alone.",
    "audit": "Verify that releases changed by promotions alone.",
    "compare": "Compare a model's releases: metrics and lineage.",
    "report": "Write how the whole project stands as pages for a browser.",
    "serve": "Serve the same pages live, to be read.",
    "schemas": "Import what targets serve, to check manifests against it offline.",
    "inventory": "Restore what a target knows about its objects.",
    "explain": "Say what a field is for, or where its value comes from.",
    "completion": "Print the script by which a shell completes verbs, options and names.",
    "import": "Write specs of what runs already.",
    "fmt": "Write specs in one form: keys in the schema's order, two blanks a level.",
    "graph": "Draw how releases travel, or what depends on what.",
    "version": "Print the versions of mlgitops and the tools it uses.",
}


class Verbs(click.Group):
    """A group whose verbs are imported only when they are used, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module = "import_objects" if name == "import" else name.replace("-", "_")  # import is a word of Python's
        command: click.Command = getattr(importlib.import_module(f"mlgitops.cli.{module}"), module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from mlgitops.cli.sections import sections

        for title, rows in sections(VERBS):
            with formatter.section(title):
                formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The verbs that begin so, and options; no verb is imported, since the shell waits."""
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(name, help=purpose) for name, purpose in VERBS.items() if name.startswith(incomplete)]
        return [*verbs, *click.Command.shell_complete(self, ctx, incomplete)]

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
    project; it walks up to mlgitops.yaml. mlgitops VERB --help has the options of a verb, and examples.

    Exit codes: 0 done, 1 error, 2 changes or drift where asked, 4 not authorised, 64 wrong usage, 130 interrupted.

    \b
    Examples:
      mlgitops init
      mlgitops validate
      mlgitops plan --env dev
      mlgitops promote fraud-detector --to prod
    """


class Terminated(KeyboardInterrupt):
    """SIGTERM came: as with an interrupt, what is under way ends, nothing more is started, and locks are given back."""


def run() -> NoReturn:
    """Runs the command line and exits. What the terminal's encoding lacks is shown as ``\\u2192``."""
    signal.signal(signal.SIGTERM, _terminate)
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(exit_code(sys.argv[1:]))


def _terminate(_number: int, _frame: object) -> NoReturn:
    raise Terminated


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
    except (click.Abort, KeyboardInterrupt) as error:
        terminated = isinstance(error.__cause__ or error, Terminated)
        _say("terminated" if terminated else "interrupted")
        return TERMINATED if terminated else INTERRUPTED
    except SystemExit:  # click's own, only where the reader of --help went away
        return 0
    except MlgitopsError as error:
        _show(error)
        return error.exit_code
    except Exception as error:
        if os.environ.get("MLGITOPS_DEBUG"):
            raise
        # A traceback may hold what must not be shown, and helps nobody but us.
        _say(f"internal error: {type(error).__name__}. This is a fault of mlgitops, please report it.")
        _say("help: MLGITOPS_DEBUG=1 shows the traceback; look for secrets before you share it")
        return 1


def _show(error: MlgitopsError) -> None:
    from mlgitops.cli.terminal import style_for
    from mlgitops.report.findings import text

    if isinstance(error, FindingsError):
        _say(text(error.findings, style_for(sys.stderr)))
        return
    _say(_harmless(f"error: {error.message}"))
    if error.help:
        _say(_harmless(f"help: {error.help}"))


def _harmless(message: str) -> str:
    """A message may quote files, tools and names, in which anything may stand."""
    from mlgitops.report.inert import lines

    return "\n".join(lines(message))


def _say(message: str) -> None:
    from mlgitops.cli.terminal import show

    show(message, err=True)
