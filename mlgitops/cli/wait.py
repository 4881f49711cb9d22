"""``--wait``: what an apply wrote is watched until it is ready."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mlgitops.manifest import Identity
    from mlgitops.plan.change import Plan
    from mlgitops.plan.health import Health
    from mlgitops.plan.outcome import Outcome
    from mlgitops.targets import Connection
    from mlgitops.workflows.project import Opened
    from mlgitops.workflows.wait import Patience

_DURATION = re.compile(r"([1-9][0-9]*(ms|s|m|h|d))+")


class Duration(click.ParamType[float]):
    """A length of time such as ``90s`` or ``1h30m``, in seconds."""

    name = "DURATION"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The duration in seconds."""
        from mlgitops.spec.quantities import milliseconds

        if isinstance(value, float):
            return value
        if not _DURATION.fullmatch(value):
            self.fail(f"'{value}' is not a duration such as 90s, 10m or 1h30m", param, ctx)
        return milliseconds(value) / 1000


wait_option = click.option(
    "--wait/--no-wait", default=True, show_default=True, help="Wait until what was written is ready, in a cluster."
)
timeout_option = click.option(
    "--timeout",
    type=Duration(),
    default="10m",
    show_default=True,
    help="For how long to wait at most: for what other models depend on, and at the end.",
)


def patience(opened: Opened, plan: Plan, *, timeout: float, quiet: bool) -> Patience:
    """For how long to wait, by which rules, and with progress on stderr unless ``quiet``."""
    import time

    from mlgitops.cli.terminal import show
    from mlgitops.report.waited import progress_line
    from mlgitops.workflows.health import declared_rules
    from mlgitops.workflows.wait import Clock, Patience, Terms

    def progress(target: str, one: Identity, health: Health) -> None:
        if not quiet:
            show(progress_line(target, one, health), err=True)

    terms = Terms(timeout, declared_rules(opened, plan.environment))
    return Patience(Clock(time.monotonic, time.sleep), terms, progress)


def wait_for_readiness(
    plan: Plan, connections: Mapping[str, Connection], outcome: Outcome, patience: Patience, color: str
) -> bool:
    """Waits for what was written, shows what it came to, and says whether all of it is ready."""
    from mlgitops.cli.terminal import show, style_for
    from mlgitops.report.waited import text
    from mlgitops.workflows.wait import wait

    waited = wait(plan, connections, outcome, patience.clock, patience.terms, patience.progress)
    show(text(waited, style_for(sys.stdout, color)), nl=False)
    return all(one.succeeded for one in waited)
