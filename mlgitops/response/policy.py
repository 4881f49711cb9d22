"""What an environment wants done about a cause. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mlgitops.response.cause import Cause
from mlgitops.spec.reconcile import Notification, Reconcile

COMMANDS = {
    "rollback": "mlgitops rollback {model} --env {environment}",
    "deprecate": "mlgitops retire {model} --env {environment}",
    "retrain": "mlgitops retrain {model}",
}
"""By what a pull request does, the command that opens it by hand."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted: a pull request that does ``action`` (empty: none), and notifications by name."""

    action: str = ""
    notices: tuple[str, ...] = ()


def wanted(reconcile: Reconcile, cause: Cause) -> Wanted:
    """What the policy has for a cause: of several responses that are about it the first, and every notification."""
    actions = (
        one.open for one in reconcile.responses
        if cause.signal in one.when and (not one.models or cause.model in one.models)
    )  # fmt: skip
    action = next(actions, "none")
    notices = tuple(one.name for one in reconcile.notifications if cause.signal in one.when)
    return Wanted("" if action == "none" else action, notices)


def notification(reconcile: Reconcile, name: str) -> Notification | None:
    """The notification of a name; None where there is none any more."""
    return next((one for one in reconcile.notifications if one.name == name), None)


def command(cause: Cause, action: str) -> str:
    """What somebody runs, or does, by hand; empty where nothing is wanted."""
    if action == "complete":
        return f"remove rollout.stable from environments/{cause.environment}/models/{cause.model}.yaml"
    return COMMANDS[action].format(model=cause.model, environment=cause.environment) if action else ""
