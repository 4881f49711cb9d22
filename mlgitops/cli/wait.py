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
    "--timeout", type=Duration(), default="10m", show_default=True, help="For how long to wait at most."
)


def wait_for_readiness(
    opened: Opened, plan: Plan, connections: Mapping[str, Connection], outcome: Outcome, *,
    timeout: float, color: str, quiet: bool,
) -> bool:  # fmt: skip
    """Waits for what was written, shows what it came to, and says whether all of it is ready."""
    import time

    from mlgitops.cli.terminal import show, style_for
    from mlgitops.report.waited import progress_line, text
    from mlgitops.workflows.health import declared_rules
    from mlgitops.workflows.wait import Clock, Terms, wait

    def progress(target: str, one: Identity, health: Health) -> None:
        if not quiet:
            show(progress_line(target, one, health), err=True)

    terms = Terms(timeout, declared_rules(opened, plan.environment))
    waited = wait(plan, connections, outcome, Clock(time.monotonic, time.sleep), terms, progress)
    show(text(waited, style_for(sys.stdout, color)), nl=False)
    return all(one.succeeded for one in waited)
