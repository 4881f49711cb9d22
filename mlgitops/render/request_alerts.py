"""Alerts on requests themselves: many that fail at once, and none that come. Pure.

Both count by the serving runtime's own indicator of availability; where there is none, ``check`` has refused them.
"""

from __future__ import annotations

from typing import Any

from mlgitops.check.indicators import Indicator
from mlgitops.check.request_alerts import LOOKED_BACK
from mlgitops.check.runtimes import runtime_of
from mlgitops.render.burn_rate import rates
from mlgitops.render.promql import alert, number, prometheus_duration
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel


def error_burst_alerts(model: ResolvedModel) -> list[dict[str, Any]]:
    """The alert of a release, where one is asked for. Few requests of which one fails are no burst."""
    burst, indicator = model.spec.monitoring.error_burst, _indicator(model)
    if burst is None or indicator is None:
        return []
    good, total = rates(model, indicator, prometheus_duration(burst.over))
    share = f"1 - ({good} or vector(0)) / ({total}) > {number(burst.share / 100)}"
    enough = f"({total}) * {seconds(burst.over)} >= {burst.requests}"
    return [
        alert(
            model,
            "ModelErrorBurst",
            f"{share}\nand\n{enough}",
            labels={"severity": "page"},
            annotations={
                "summary": f"More than {number(burst.share)}% of the requests to model {model.name} fail",
                "description": f"Counted over {burst.over}: {indicator.measures}. See what it says: "
                f"mlgitops logs {model.name} --env {model.place.environment} --target {model.place.target} --since 15m",
            },
        )
    ]


def missing_traffic_alerts(model: ResolvedModel) -> list[dict[str, Any]]:
    """The alert of a model, whichever of its releases is asked. That no pod is scraped looks the same, and is worse."""
    missing, indicator = model.spec.monitoring.missing_traffic, _indicator(model)
    if missing is None or indicator is None:
        return []
    _, total = rates(model, indicator, LOOKED_BACK, of_both=True)
    return [
        alert(
            model,
            "ModelTrafficMissing",
            f"(({total}) or vector(0)) == 0",
            labels={"severity": "ticket"},
            annotations={
                "summary": f"No request came to model {model.name} for {missing.after}",
                "description": "Nobody asks it, requests do not reach it, or its metrics are not scraped: "
                f"mlgitops status --env {model.place.environment} --target {model.place.target} --model {model.name}",
            },
            hold=missing.after,
        )
    ]


def _indicator(model: ResolvedModel) -> Indicator | None:
    runtime = runtime_of(model.spec.serving)
    return runtime.indicators.availability if runtime else None
