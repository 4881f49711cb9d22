"""Alerts about the controller and what it looks after, each with what to do, as a PrometheusRule. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.install.installation import NAME, Installation, made
from mlgitops.render.install.queries import BY_ENVIRONMENT, BY_TARGET, metric, most, stands
from mlgitops.render.install.scraping import COMPONENT
from mlgitops.render.promql import prometheus_duration

PAGE, TICKET = "page", "ticket"
LONG = 3600
"""Seconds after which something that takes minutes has taken too long."""
SILENT = 900
"""Seconds without a sign of life, three times the default of ``resync``."""
_INTENDED = ("pending", "suspended", "waiting")
"""Words by which a target is held back on purpose."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: its expression, for how long it has to hold, whom it wakes, and what a person does about it.

    ``about`` names what it is about by the labels that the expression leaves.
    """

    name: str
    expression: Callable[[Installation], str]
    hold: str
    severity: str
    summary: str
    runbook: str


_TARGET = "{{ $labels.target }} of {{ $labels.environment }}"
_PLACE = "--env {{ $labels.environment }} --target {{ $labels.target }}"


def _unless_intended(expression: str, installation: Installation) -> str:
    return f"({expression}) unless on ({BY_TARGET}) ({stands(installation, *_INTENDED)} == 1)"


def _is(word: str) -> Callable[[Installation], str]:
    return lambda installation: f"{stands(installation, word)} == 1"


def _not_in_sync(installation: Installation) -> str:
    succeeded = most(metric(installation, "mlgitops_target_last_success_timestamp_seconds"), BY_TARGET)
    return _unless_intended(f"time() - {succeeded} > {LONG}", installation)


def _behind(installation: Installation) -> str:
    lag = most(metric(installation, "mlgitops_target_git_lag_seconds"), BY_TARGET)
    return _unless_intended(f"{lag} > {LONG}", installation)


def _leaderless(installation: Installation) -> str:
    leader = metric(installation, "mlgitops_leader")
    return f"absent({leader}) or sum({leader}) == 0"


def _unread(installation: Installation) -> str:
    return f"time() - {most(metric(installation, 'mlgitops_git_last_success_timestamp_seconds'))} > {SILENT}"


def _stuck(installation: Installation) -> str:
    """The least of the replicas: one that waits goes on beginning cycles while the one that leads hangs."""
    began = metric(installation, "mlgitops_cycle_last_start_timestamp_seconds")
    return f"time() - min({began}) > {SILENT}"


def _set(name: str, by: str = "") -> Callable[[Installation], str]:
    return lambda installation: f"{most(metric(installation, name), by)} == 1"


ALERTS = (
    Alert(
        "MlgitopsTargetNotInSync", _not_in_sync, "10m", TICKET,
        f"{_TARGET} has not been as Git says for more than an hour",
        f"mlgitops status {_PLACE} says what is otherwise and since when; mlgitops plan {_PLACE} says what would be "
        "done about it. In mode report, apply it or correct Git.",
    ),
    Alert(
        "MlgitopsReconcileFailing", _is("failed"), "15m", PAGE,
        f"{_TARGET} fails to be brought to what Git says",
        f"mlgitops status {_PLACE} has the object and the reason. Mend it in Git, or revert the last change there: "
        "what is applied next is tried at once, and else after a pause of ten minutes at most.",
    ),
    Alert(
        "MlgitopsTargetUnreachable", _is("unreachable"), "10m", PAGE,
        f"{_TARGET} cannot be read",
        f"mlgitops status {_PLACE} has the reason: a network, a certificate, a token that ran out. Models there go on "
        "serving; nothing is repaired or rolled out until it can be reached. Other targets are not held up.",
    ),
    Alert(
        "MlgitopsTargetBehindGit", _behind, "5m", TICKET,
        f"{_TARGET} has been behind Git for more than an hour",
        f"The commit is known and not there yet. mlgitops status {_PLACE} says which one is applied and what is in the "
        "way; a rollout in waves may be waiting for another target.",
    ),
    Alert(
        "MlgitopsConsentNeeded", _is("refused"), "10m", TICKET,
        f"A guard holds back what Git asks for at {_TARGET}",
        f"mlgitops plan {_PLACE} shows it: a mass deletion, a replacement, somebody else's object. Correct Git, or "
        "have a person apply it with the consent that the guard names.",
    ),
    Alert(
        "MlgitopsFight", _is("fighting"), "5m", TICKET,
        f"Somebody else keeps changing {_TARGET} back",
        "The controller's log and its page /status name the field and who writes it. Stop the other writer, or leave "
        "the field to it by environment.spec.ignore. The controller leaves it alone until then.",
    ),
    Alert(
        "MlgitopsRolloutStopped", _set("mlgitops_rollout_stopped", BY_ENVIRONMENT), "1m", PAGE,
        "The rollout over the targets of {{ $labels.environment }} has stopped",
        "A target failed, and the ones after it were not touched. mlgitops status --env {{ $labels.environment }} says "
        "which one and why. Mend it in Git, or resume or abort the rollout.",
    ),
    Alert(
        "MlgitopsEnvironmentBroken", _set("mlgitops_environment_broken", BY_ENVIRONMENT), "10m", TICKET,
        "{{ $labels.environment }} cannot be rendered at the commit that is followed",
        "mlgitops validate at that commit says where and what to do. What is applied stays as it is.",
    ),
    Alert(
        "MlgitopsGitRefused", _set("mlgitops_git_head_refused"), "1m", PAGE,
        "The head of the branch in Git is not accepted",
        "It does not descend from the commit that was accepted last (a forced push), or a signature that is asked for "
        "is missing or by nobody who is trusted. Nothing of it is applied. Find out who pushed it, and restore the "
        "branch; where it was meant, docs/install.md says how the new history is accepted.",
    ),
    Alert(
        "MlgitopsGitUnreachable", _unread, "5m", TICKET,
        "The repository could not be read for a quarter of an hour",
        "See the controller's log for the reason: the host, the network policy, the credentials in the Secret "
        "mlgitops-git. Drift is still repaired to the last commit that was read.",
    ),
    Alert(
        "MlgitopsNoLeader", _leaderless, "5m", PAGE,
        "No controller leads, so that nothing is reconciled",
        f"kubectl get pods and the Lease {NAME} in its namespace: are the pods running, can they reach the API server? "
        "Models go on serving meanwhile.",
    ),
    Alert(
        "MlgitopsStuck", _stuck, "5m", PAGE,
        "A replica of the controller has not begun a cycle for a quarter of an hour",
        "Its liveness probe should have restarted it. See its log, then delete its pod: another one takes over, and "
        "nothing is lost.",
    ),
)  # fmt: skip


def prometheus_rule(installation: Installation) -> Manifest:
    """All alerts in one group."""
    rules = [_rule(installation, alert) for alert in ALERTS]
    spec = {"groups": [{"name": NAME, "rules": rules}]}
    return made(installation, "monitoring.coreos.com/v1", "PrometheusRule", COMPONENT, spec=spec)


def _rule(installation: Installation, alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expression(installation),
        "for": prometheus_duration(alert.hold),
        "labels": {"severity": alert.severity, "project": installation.project},
        "annotations": {"summary": alert.summary, "runbook": alert.runbook},
    }
