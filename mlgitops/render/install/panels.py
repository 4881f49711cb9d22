"""The dashboard's panels: what each asks of Prometheus, and how it is drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from mlgitops.render.install.installation import Installation
from mlgitops.render.install.queries import BY_ENVIRONMENT, BY_TARGET, metric, most

SOURCE = {"type": "prometheus", "uid": "${source}"}
_CHOSEN = {"environment": "~$environment", "target": "~$target"}
_EACH = "{{environment}} {{target}}"
_COLUMNS = {"id": "organize", "options": {"excludeByName": {"Time": True, "Value": True}}}
"""A table shows the labels alone: the time is now, and the value is always 1."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: ``queries`` are expressions with the legend of their series; ``width`` is in 24ths of the screen."""

    title: str
    queries: Sequence[tuple[str, str]]
    says: str = ""
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12
    height: int = 8


def overview(installation: Installation) -> Iterator[Panel]:
    """Single numbers: is anybody working, and can it?"""

    def now(name: str, by: str = "") -> str:
        return most(metric(installation, name), by)

    def since(name: str) -> str:
        return f"time() - {now(name)}"

    leaders = f"sum({metric(installation, 'mlgitops_leader')})"
    yield _number("Leaders", leaders, "1 is right: one writes, the others wait.")
    yield _number("Last cycle", since("mlgitops_cycle_last_start_timestamp_seconds"), "Since it began.", "s")
    yield _number("Git was read", since("mlgitops_git_last_success_timestamp_seconds"), "Since it was.", "s")
    yield _number("Git refused", now("mlgitops_git_head_refused"), "1: the branch's head is not accepted.")
    broken = now("mlgitops_environment_broken", BY_ENVIRONMENT)
    yield _number("Broken", f"sum({broken})", "Environments that cannot be rendered.")
    stopped = now("mlgitops_rollout_stopped", BY_ENVIRONMENT)
    yield _number("Rollouts stopped", f"sum({stopped})", "Environments in which a target failed.")


def targets(installation: Installation) -> Iterator[Panel]:
    """How each target stands, and since when."""

    def each(name: str) -> str:
        return most(metric(installation, name, **_CHOSEN), BY_TARGET)

    result = most(metric(installation, "mlgitops_target_result", **_CHOSEN), f"{BY_TARGET}, result")
    yield Panel("How each target stands", [(f"{result} == 1", "")], "Its last result.", kind="table", height=10)
    yield Panel("Targets by result", [(f"sum by (result) ({result})", "{{result}}")], height=10)
    lag = each("mlgitops_target_git_lag_seconds")
    yield Panel("Behind Git", [(lag, _EACH)], "Since the commit was seen, until it is there.", "s")
    succeeded = each("mlgitops_target_last_success_timestamp_seconds")
    yield Panel("Last as Git says", [(f"time() - ({succeeded} > 0)", _EACH)], "None if it never was.", "s")
    yield Panel("Drifted objects", [(each("mlgitops_target_drifted_objects"), _EACH)], "Changed by somebody else.")
    yield Panel("Pending objects", [(each("mlgitops_target_pending_objects"), _EACH)], "Not as Git says.")
    yield Panel("Failures in a row", [(each("mlgitops_target_failures"), _EACH)])
    written = _a_minute(metric(installation, "mlgitops_objects_written_total", **_CHOSEN), BY_TARGET)
    yield Panel("Objects written", [(written, _EACH)], "A minute.")


def controller(installation: Installation) -> Iterator[Panel]:
    """How the controller does."""
    attempts = metric(installation, "mlgitops_reconcile_duration_seconds_bucket", **_CHOSEN)
    slowest = _quantile(0.95, attempts, f"le, {BY_TARGET}")
    yield Panel("How long an attempt takes", [(slowest, _EACH)], "19 of 20 take no longer.", "s")
    cycles = metric(installation, "mlgitops_cycle_duration_seconds_bucket")
    shares = [(_quantile(0.5, cycles, "le"), "half"), (_quantile(0.95, cycles, "le"), "19 of 20")]
    yield Panel("How long a cycle takes", shares, "So many take no longer.", "s")
    results = _a_minute(metric(installation, "mlgitops_reconciles_total", **_CHOSEN), "result")
    yield Panel("Attempts", [(results, "{{result}}")], "A minute.")
    fetches = _a_minute(metric(installation, "mlgitops_git_fetches_total"), "result")
    yield Panel("Looks at Git", [(fetches, "{{result}}")], "A minute.")


def drawn(panel: Panel) -> dict[str, Any]:
    """The panel in Grafana's JSON model, but for its number and place."""
    table = panel.kind == "table"
    asked = [
        {
            "refId": letter,
            "datasource": SOURCE,
            "expr": expression,
            "legendFormat": legend,
            "instant": table,
            "range": not table,
            **({"format": "table"} if table else {}),
        }
        for letter, (expression, legend) in zip(ascii_uppercase, panel.queries, strict=False)
    ]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "targets": asked,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        **({"transformations": [_COLUMNS]} if table else {}),
    }


def _number(title: str, expression: str, says: str, unit: str = "short") -> Panel:
    return Panel(title, [(expression, "")], says, unit, "stat", width=4, height=4)


def _a_minute(counter: str, by: str) -> str:
    return f"60 * sum by ({by}) (rate({counter}[5m]))"


def _quantile(share: float, buckets: str, by: str) -> str:
    return f"histogram_quantile({share}, sum by ({by}) (rate({buckets}[15m])))"
