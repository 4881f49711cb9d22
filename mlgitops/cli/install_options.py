"""Options of ``render --install`` and ``render --fanout``. What they ask for is one argument of the verb."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from mlgitops.cli.options import Command

if TYPE_CHECKING:
    from mlgitops.workflows.install import Wishes

_FORMS = (
    click.option("--install", is_flag=True, help="Instead, what installs the controller in clusters."),
    click.option(
        "--fanout",
        type=click.Choice(["argo"]),
        help="Instead, a workflow of this engine that brings a large fleet up to date, wave by wave.",
    ),
)
_MODE = click.Choice(["pull", "hub"])
_DETAILS = (
    click.option("--mode", type=_MODE, help="One controller in each cluster (pull, the default), or one for all."),
    click.option("--cron", "schedule", metavar="CRON", help="A CronJob that looks at these times, no Deployment."),
    click.option("--image", metavar="NAME@sha256:DIGEST", help="The image that you built from the Containerfile."),
    click.option("--repository", metavar="URL", help="The repository to follow; the remote origin if left out."),
    click.option("--branch", metavar="BRANCH", help="The branch to follow; main if left out."),
    click.option("--namespace", metavar="NAME", help="The controller's own namespace; mlgitops if left out."),
    click.option("--signed", is_flag=True, help="Only commits signed by the keys in the ConfigMap mlgitops-trust."),
    click.option("--webhook", is_flag=True, help="A webhook of the forge has it look at once."),
    click.option("--no-monitoring", is_flag=True, help="No PodMonitor, PrometheusRule and dashboard."),
    click.option("--rights-only", is_flag=True, help="Only the Roles, beside an installation from deploy/."),
    click.option("--git-network", "git_networks", multiple=True, metavar="CIDR", help="Where Git is; repeatable."),
    click.option("--api-network", "api_networks", multiple=True, metavar="CIDR", help="Where APIs are; repeatable."),
)
_NAMES = (
    "mode", "schedule", "image", "repository", "branch", "namespace", "signed", "webhook", "no_monitoring",
    "rights_only", "git_networks", "api_networks",
)  # fmt: skip
_FLAGS = {"schedule": "--cron", "git_networks": "--git-network", "api_networks": "--api-network"}
_OF_FANOUT = frozenset({"image", "repository", "branch", "namespace", "signed"})


def install_options(command: Command) -> Command:
    """``--install``, ``--fanout`` and what goes with them; the verb gets ``wishes``, None where neither is given."""

    @functools.wraps(command)
    def with_wishes(*, install: bool, fanout: str | None, **rest: Any) -> Any:
        given = {name: value for name in _NAMES if (value := rest.pop(name)) not in (None, False, ())}
        _refuse(given, install=install, fanout=bool(fanout))
        return command(wishes=_wishes(given) if install or fanout else None, fanout=fanout, **rest)

    wrapped: Command = with_wishes
    for option in (*_FORMS, *_DETAILS)[::-1]:
        wrapped = option(wrapped)
    return wrapped


def _refuse(given: dict[str, Any], *, install: bool, fanout: bool) -> None:
    """Raises ``click.UsageError`` for options that do not go together."""
    if install and fanout:
        raise click.UsageError("--install and --fanout are two things: give one of them")
    allowed = _NAMES if install else _OF_FANOUT if fanout else ()
    odd = sorted(name for name in given if name not in allowed)
    if odd:
        goes_with = "--install or --fanout" if not install and not fanout and odd[0] in _OF_FANOUT else "--install"
        raise click.UsageError(f"{_FLAGS.get(odd[0], '--' + odd[0].replace('_', '-'))} goes with {goes_with}")


def _wishes(given: dict[str, Any]) -> Wishes:
    from mlgitops.workflows.install import Wishes

    monitoring = not given.pop("no_monitoring", False)
    return Wishes(**given, monitoring=monitoring)
