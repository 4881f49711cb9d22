"""Alerts of the drift job's metrics: that data has drifted, and that nobody looked. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.render.promql import alert, prometheus_duration
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.side_by_side import side_by_side


def watched(model: ResolvedModel) -> ResolvedModel:
    """The release whose requests are compared: of two the new one, but for a shadow, which nobody listens to."""
    releases = side_by_side(model)
    if releases is None:
        return model
    return releases[0] if model.spec.rollout.strategy == "shadow" else releases[-1]


def drift_alerts(model: ResolvedModel) -> list[dict[str, Any]]:
    """The alerts of a model that is watched for drift; none for others, and for the release of two that is not.

    The job's own labels are asked for, so that another release's last metrics tell nothing about this one.
    """
    drift = model.spec.monitoring.drift
    other = "new" if model.spec.rollout.strategy == "shadow" else "stable"
    if drift is None or model.part == other:
        return []
    last = f"mlgitops_drift_last_run_timestamp_seconds{_of(model)}"
    return [
        _drifted(model),
        _unmeasured(model, f"time() - max({last}) > {seconds(drift.window)}", None),
        _unmeasured(model, f"absent({last})", drift.window),
    ]


def _of(model: ResolvedModel) -> str:
    place = model.place
    labels = {
        "model": model.name,
        "version": model.spec.release.version,
        "environment": place.environment,
        "target": place.target,
    }
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def _drifted(model: ResolvedModel) -> dict[str, Any]:
    version = model.spec.release.version
    return alert(
        model,
        "ModelDataDrift",
        f"max(mlgitops_drift_detected{_of(model)}) == 1",
        labels={"severity": "ticket"},
        annotations={
            "summary": f"Requests to model {model.name} have moved away from its training data",
            "description": f"mlgitops_drift_feature_detected says which features of release {version} drifted. Look "
            "whether what sends the requests has changed; else train and promote a new release.",
        },
    )


def _unmeasured(model: ResolvedModel, expression: str, hold: str | None) -> dict[str, Any]:
    drift = model.spec.monitoring.drift
    assert drift is not None  # asked before
    window = prometheus_duration(drift.window)
    return alert(
        model,
        "ModelDriftNotMeasured",
        expression,
        labels={"severity": "ticket"},
        annotations={
            "summary": f"Nobody has looked for {window} whether requests to model {model.name} drift",
            "description": f"Look at the last runs of the CronWorkflow {model.name}-drift, and at the Pushgateway.",
        },
        hold=hold,
    )
