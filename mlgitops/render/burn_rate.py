"""Alerts on how fast an error budget is spent: multiwindow, multi-burn-rate. Pure.

The method and its figures are those of the Google SRE Workbook, chapter 5, "Alerting on SLOs" (table 5-8).
"""

from __future__ import annotations

from decimal import Decimal
from string import Template
from typing import Any, Literal, NamedTuple

from mlgitops.check.indicators import Indicator
from mlgitops.check.runtimes import runtime_of
from mlgitops.render.promql import alert, number
from mlgitops.spec.monitoring import Objective
from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.resolved import ResolvedModel


class BurnRate(NamedTuple):
    """How much faster than sustainable the budget is spent, over a long window and, still, over a short one."""

    factor: Decimal
    long: str
    short: str
    severity: Literal["page", "ticket"]


BURN_RATES = (
    BurnRate(Decimal("14.4"), "1h", "5m", "page"),
    BurnRate(Decimal(6), "6h", "30m", "page"),
    BurnRate(Decimal(1), "3d", "6h", "ticket"),
)
_NAMES = {"availability": "ModelAvailabilityBurnRate", "latency": "ModelLatencyBurnRate"}


def burn_rate_alerts(model: ResolvedModel, objective: Objective) -> list[dict[str, Any]]:
    """The alerts of one objective; none where the runtime cannot measure it, which ``check`` has refused before.

    A burn rate that even an outage does not reach is left out: with an objective of 90 percent, everything failing
    spends the budget 10 times as fast as is sustainable, and never 14.4 times.
    """
    runtime = runtime_of(model.spec.serving)
    indicator: Indicator | None = getattr(runtime.indicators, objective.metric) if runtime else None
    if indicator is None:
        return []
    budget = 1 - Decimal(str(objective.objective)) / 100
    return [_alert(model, objective, indicator, rate, budget) for rate in BURN_RATES if rate.factor * budget < 1]


def _alert(
    model: ResolvedModel, objective: Objective, indicator: Indicator, rate: BurnRate, budget: Decimal
) -> dict[str, Any]:
    limit = number(rate.factor * budget)
    long, short = (bad_share(model, objective, indicator, window) for window in (rate.long, rate.short))
    share = f"{number(objective.objective)}% over {objective.window}{_within(objective)}"
    speed = f"{number(rate.factor)} times as fast as it can last"
    return alert(
        model,
        _NAMES[objective.metric],
        f"{long} > {limit}\nand\n{short} > {limit}",
        labels={"severity": rate.severity, "objective": objective.metric, "window": rate.long},
        annotations={
            "summary": f"Model {model.name} spends its {objective.metric} error budget {speed}",
            "description": f"The objective is {share}. Measured: {indicator.measures}.",
        },
    )


def _within(objective: Objective) -> str:
    return f" within {objective.threshold}" if objective.metric == "latency" else ""


def bad_share(model: ResolvedModel, objective: Objective, indicator: Indicator, window: str) -> str:
    """PromQL for the share of requests in ``window`` that the objective does not count as good.

    Without any good request there is no such series, which must count as none good rather than as no answer. Where two
    releases run, the requests of this one alone are looked at.
    """
    good, total = rates(model, indicator, window, objective.threshold)
    return f"1 - ({good} or vector(0)) / ({total})"


def rates(
    model: ResolvedModel, indicator: Indicator, window: str, threshold: str | None = None, *, of_both: bool = False
) -> tuple[str, str]:
    """PromQL for the rates of good and of all requests; ``of_both`` counts those of both releases where two run."""
    version = f',version="{model.spec.release.version}"' if model.part and not of_both else ""
    names = {
        "labels": f'namespace="{model.place.namespace}",model="{model.name}"{version}',
        "window": window,
        "bound": str(milliseconds(threshold) / 1000) if threshold else "",
    }
    good, total = (Template(text).substitute(names) for text in (indicator.good, indicator.total))
    return good, total
