"""Options of ``render --install`` and ``render --fanout``. What they ask for is one argument of the verb."""

from __future__ import annotations

import functools
from collections.abc import Callable
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


def _detail(flag: str, help: str, fanout: bool = False, **attributes: Any) -> Callable[[Command], Command]:
    """An option that goes with ``--install``, or with either form."""
    forms = "--install or --fanout" if fanout else "--install"
    return click.option(flag, help=f"With {forms}: {help}", **attributes)


_DETAILS = (
    _detail(
        "--mode", "one controller a cluster (pull, the default), or one for all.", type=click.Choice(["pull", "hub"])
    ),
    _detail("--cron", "a CronJob that looks at these times, no Deployment.", metavar="CRON"),
    _detail("--image", "what was built from the Containerfile.", fanout=True, metavar="NAME@sha256:DIGEST"),
    _detail("--repository", "the repository to follow; else the remote origin.", fanout=True, metavar="URL"),
    _detail("--branch", "the branch to follow; else main.", fanout=True, metavar="BRANCH"),
    _detail("--namespace", "the controller's own namespace; else mlgitops.", fanout=True, metavar="NAME"),
    _detail(
        "--signed",
        "only commits signed by keys (ssh where neither is said) in the ConfigMap mlgitops-trust; repeatable.",
        fanout=True,
        type=click.Choice(["ssh", "gpg"]),
        multiple=True,
        is_flag=False,
        flag_value="ssh",
    ),
    _detail("--trust-since", "ask for signatures from this commit on.", fanout=True, metavar="COMMIT"),
    _detail(
        "--replicas",
        "so many share the targets; else two, one of which leads.",
        type=click.IntRange(2, 100),
        metavar="NUMBER",
    ),
    _detail("--state-size", "keeps its state on a volume of this size, such as 2Gi; one replica.", metavar="SIZE"),
    _detail("--webhook", "a webhook of the forge has it look at once.", is_flag=True),
    _detail("--notifications", "the Secret mlgitops-notifications has the addresses of notifications.", is_flag=True),
    _detail("--pull-requests", "it opens the pull requests that environments ask for.", is_flag=True),
    _detail("--no-monitoring", "no PodMonitor, PrometheusRule and dashboard.", is_flag=True),
    _detail("--rights-only", "only the Roles, beside an installation from deploy/.", is_flag=True),
    _detail("--git-network", "where the Git host is; repeatable.", metavar="CIDR", multiple=True),
    _detail("--api-network", "where API servers are; repeatable.", metavar="CIDR", multiple=True),
)
_NAMES = (
    "mode", "cron", "image", "repository", "branch", "namespace", "signed", "trust_since", "replicas", "state_size",
    "webhook", "notifications", "pull_requests", "no_monitoring", "rights_only", "git_network", "api_network",
)  # fmt: skip
_FIELDS = {"cron": "schedule", "git_network": "git_networks", "api_network": "api_networks"}
"""Fields of the wishes that are called otherwise than their options."""
_OF_FANOUT = frozenset({"image", "repository", "branch", "namespace", "signed", "trust_since"})


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
        raise click.UsageError(f"--{odd[0].replace('_', '-')} goes with {goes_with}")


def _wishes(given: dict[str, Any]) -> Wishes:
    from mlgitops.workflows.install import Wishes

    fields = {_FIELDS.get(name, name): value for name, value in given.items() if name != "no_monitoring"}
    return Wishes(**fields, monitoring="no_monitoring" not in given)
