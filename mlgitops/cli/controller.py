"""``mlgitops controller``."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlgitops.cli.options import CHANGES, detailed_exitcode_option
from mlgitops.cli.wait import Duration

if TYPE_CHECKING:
    from mlgitops.controller.log import Log
    from mlgitops.controller.state import State

_REPLICA = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIRECTORY",
    envvar="MLGITOPS_STATE",
    help="Where it keeps the mirror and what it remembers; in the home directory where it is left out.",
)
election_option = click.option(
    "--leader-election",
    "election",
    default="",
    metavar="NAMESPACE",
    help="Replicas agree on a leader there, in the cluster that they run in, and keep what they remember there.",
)


@click.command()
@click.option(
    "--repository", required=True, metavar="URL", help="The repository to follow: a URL without a login, or a path."
)
@click.option("--branch", default="main", show_default=True, metavar="BRANCH", help="The branch to follow.")
@click.option("--path", default="", metavar="FOLDER", help="The project's folder in the repository, if not its root.")
@state_option
@click.option("--env", "-e", "environments", multiple=True, metavar="ENV", help="Only this environment; repeatable.")
@click.option("--target", "-t", "targets", multiple=True, metavar="TARGET", help="Only this target; repeatable.")
@click.option("--once", is_flag=True, help="Look at everything once, then end.")
@click.option("--interval", type=Duration(), default="1m", show_default=True, help="How often Git is asked.")
@click.option(
    "--concurrency", type=click.IntRange(1, 200), default=10, show_default=True, metavar="NUMBER",
    help="How many targets are worked on at once.",
)  # fmt: skip
@click.option("--allowed-signers", type=_FILE, help="Follow only commits signed by these SSH keys.")
@click.option(
    "--keyring",
    type=click.Path(exists=True, path_type=Path),
    help="The same, for a keyring of GnuPG.",
)
@click.option("--trust-since", default="", metavar="COMMIT", help="Ask for signatures from this commit on.")
@click.option("--listen", default="", metavar="HOST:PORT", help="Serve /healthz, /readyz, /metrics and /status there.")
@click.option("--webhook-secret", type=_FILE, help="The file of the secrets of webhooks; serves /webhook as well.")
@click.option(
    "--notification-urls", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIRECTORY",
    help="The directory with the addresses of notifications, each in a file of its own.",
)  # fmt: skip
@click.option("--open-pull-requests", is_flag=True, help="Open the pull requests that reconcile.responses asks for.")
@election_option
@click.option(
    "--replica",
    default="",
    metavar="NAME",
    help="Share the targets among all replicas there, of which this one has that name, rather than have one lead.",
)
@click.option(
    "--log-format", type=click.Choice(["auto", "text", "json"]), default="auto", show_default=True,
    help="How it tells what it does, on stderr; text on a terminal.",
)  # fmt: skip
@detailed_exitcode_option
def controller(
    repository: str,
    branch: str,
    path: str,
    state: Path | None,
    environments: tuple[str, ...],
    targets: tuple[str, ...],
    once: bool,
    interval: float,
    concurrency: int,
    allowed_signers: Path | None,
    keyring: Path | None,
    trust_since: str,
    listen: str,
    webhook_secret: Path | None,
    notification_urls: Path | None,
    open_pull_requests: bool,
    election: str,
    replica: str,
    log_format: str,
    detailed_exitcode: bool,
) -> int:
    """Follow a Git branch and keep every target as it says, day and night; --once for cron and CI.

    What each environment allows, and when, stands in its spec.reconcile. Nothing is done that a person would be asked
    for: that is told, with the command to do it by hand. With --once it exits with 1 where a target failed, after the
    others were done; with --detailed-exitcode with 2 where something is held back or has drifted.

    \b
    Examples:
      mlgitops controller --repository https://git.example.com/ml/models.git
      mlgitops controller --repository . --once --env dev
      mlgitops controller --repository git@git.example.com:ml/models.git --allowed-signers signers --listen :8080
    """
    from mlgitops.controller.goals import Chosen
    from mlgitops.controller.running import run_forever, run_once
    from mlgitops.controller.settings import Settings
    from mlgitops.sources.mirror import Trust
    from mlgitops.tools.git_signatures import Keys

    if replica and not election:
        raise click.UsageError("--replica needs --leader-election")
    if replica and not _REPLICA.fullmatch(replica):
        raise click.UsageError("--replica takes a name such as a pod's: lower-case letters, digits and '-'")
    if webhook_secret and not listen:
        raise click.UsageError("--webhook-secret needs --listen")
    trust = Trust(bool(allowed_signers or keyring), Keys(allowed_signers, keyring), trust_since)
    settings = Settings(
        repository, state or default_state(), branch, path, Chosen(environments, targets), trust, interval,
        concurrency, listen, webhook_secret, election, replica, notification_urls, open_pull_requests,
    )  # fmt: skip
    log = _log(log_format)
    log.capture()
    if not once:
        run_forever(settings, log)
    return _shown(run_once(settings, log), detailed=detailed_exitcode)


def default_state() -> Path:
    """``($XDG_STATE_HOME or ~/.local/state)/mlgitops``, as the XDG base directory specification has it."""
    given = os.environ.get("XDG_STATE_HOME", "")
    return (Path(given) if given.startswith("/") else Path.home() / ".local" / "state") / "mlgitops"


def _log(form: str) -> Log:
    import time

    from mlgitops.controller.log import Log

    return Log(sys.stderr, time.time, text=form == "text" or (form == "auto" and sys.stderr.isatty()))


def _shown(state: State, *, detailed: bool) -> int:
    """Prints how every target stands, and gives the exit code."""
    import time

    from mlgitops.cli.terminal import show, style_for
    from mlgitops.controller.standing import is_held, is_wrong, text

    show(text(state, style_for(sys.stdout), time.time()), nl=False)
    if is_wrong(state):
        return 1
    return CHANGES if detailed and is_held(state) else 0
