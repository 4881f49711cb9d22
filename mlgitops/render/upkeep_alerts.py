"""Alerts of the upkeep of logged requests: requests that do not fit the schema, and logs that nobody keeps. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.render.promql import alert, prometheus_duration
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel

LATE = "2d"
"""After how long without a run somebody has to look: a daily run may fail once."""


def upkeep_alerts(model: ResolvedModel) -> list[dict[str, Any]]:
    """The alerts of a model whose logged requests are kept up; none for others."""
    sink = model.spec.monitoring.payload_sink
    if sink is None or sink.upkeep is None:
        return []
    broken = [_broken(model)] if sink.upkeep.features else []
    last = f"max(mlgitops_payloads_last_run_timestamp_seconds{_of(model)})"
    return [*broken, _late(model, f"time() - {last} > {seconds(LATE)}", ""), _late(model, f"absent({last})", LATE)]


def _of(model: ResolvedModel) -> str:
    """By place and not by version: what is kept is the model's, whichever release answered."""
    place = model.place
    return f'{{model="{model.name}",environment="{place.environment}",target="{place.target}"}}'


def _broken(model: ResolvedModel) -> dict[str, Any]:
    return alert(
        model,
        "ModelPayloadSchema",
        f"sum by (feature, rule) (mlgitops_payloads_schema_violations{_of(model)}) > 0",
        labels={"severity": "ticket"},
        annotations={
            "summary": f"Requests to model {model.name} do not fit their schema",
            "description": "Feature {{ $labels.feature }} breaks the rule {{ $labels.rule }} in {{ $value }} rows. "
            "Look at what sends the requests, or correct monitoring.payloadSink.upkeep.features.",
        },
    )


def _late(model: ResolvedModel, expression: str, hold: str) -> dict[str, Any]:
    late = prometheus_duration(LATE)
    return alert(
        model,
        "ModelPayloadsNotKept",
        expression,
        labels={"severity": "ticket"},
        annotations={
            "summary": f"Logged requests to model {model.name} have not been kept for {late}",
            "description": f"Nothing is deleted and nothing checked. Look at the last runs of the CronWorkflow "
            f"{model.name}-upkeep: mlgitops logs {model.name} --env {model.place.environment} "
            f"--target {model.place.target}",
        },
        hold=hold or None,
    )
