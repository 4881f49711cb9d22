"""Monitoring of a model: what is scraped (PodMonitor), and what raises an alert (PrometheusRule). Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.check.monitoring import unix_time
from mlgitops.check.runtimes import metrics_port_of, runtime_of
from mlgitops.manifest import LABEL_ENVIRONMENT, LABEL_MODEL, LABEL_RELEASE, Manifest
from mlgitops.render.burn_rate import burn_rate_alerts
from mlgitops.render.drift_alerts import drift_alerts
from mlgitops.render.metadata import object_metadata
from mlgitops.render.model_dashboard import dashboards
from mlgitops.render.promql import alert, number, prometheus_duration
from mlgitops.render.realtime import is_knative, predictor_selector
from mlgitops.render.request_alerts import error_burst_alerts, missing_traffic_alerts
from mlgitops.render.streaming import HTTP, consumer_selector
from mlgitops.render.upkeep_alerts import upkeep_alerts
from mlgitops.spec.monitoring import BusinessMetric
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE
from mlgitops.spec.side_by_side import side_by_side

SOURCES = {
    "PodMonitor": {
        "spec": "monitoring",
        "spec.podMetricsEndpoints.port": "serving.port",
        "spec.podMetricsEndpoints.interval": "monitoring.interval",
    },
    "PrometheusRule": {
        "spec": "monitoring",
        "spec.groups.rules.labels.version": "release.version",
        "spec.groups.rules.annotations.runbook_url": "governance.runbook",
    },
    "ConfigMap": {"data": "monitoring"},
}
SCRAPED_LABELS = {"model": LABEL_MODEL, "version": LABEL_RELEASE, "environment": LABEL_ENVIRONMENT}
"""Labels that scraped metrics get, and the pod's labels that they come from."""


def render(model: ResolvedModel) -> list[Manifest]:
    """PodMonitor, PrometheusRule and dashboard, each where it has something to say and the operator is there.

    While two releases run there is one of each for either; staleness and business metrics are told of once.
    What cannot be watched at the target is a finding of ``mlgitops.check.monitoring``.
    """
    if model.place.spec.components.prometheus_operator is None:
        return []
    found = (*map(_pod_monitor, _scraped(model)), *map(_prometheus_rule, _watched(model)))
    return [*(manifest for manifest in found if manifest is not None), *dashboards(model)]


def _scraped(model: ResolvedModel) -> tuple[ResolvedModel, ...]:
    """A PodMonitor is for one InferenceService, which on Knative runs both releases."""
    return (model,) if is_knative(model) else side_by_side(model) or (model,)


def _watched(model: ResolvedModel) -> tuple[ResolvedModel, ...]:
    """Each release that answers requests is held to the objectives by itself; a shadow answers none."""
    releases = side_by_side(model)
    if releases is None:
        return (model,)
    return releases[:1] if model.spec.rollout.strategy == "shadow" else releases


def _pod_monitor(model: ResolvedModel) -> Manifest | None:
    monitoring, port = model.spec.monitoring, _metrics_port(model)
    if not monitoring.metrics or port is None:
        return None
    streaming = model.spec.serving.mode == "streaming"
    endpoint = {
        "port": port,
        "path": "/metrics",
        "interval": prometheus_duration(monitoring.interval),
        "relabelings": [_relabeling(name, label) for name, label in SCRAPED_LABELS.items()],
    }
    selector = consumer_selector(model) if streaming else predictor_selector(model)
    spec = {"selector": {"matchLabels": selector}, "podMetricsEndpoints": [endpoint]}
    return _manifest(model, "PodMonitor", spec)


def _metrics_port(model: ResolvedModel) -> str | None:
    """The name of the port that metrics are on; ``None`` where there are none."""
    serving = model.spec.serving
    if serving.mode == "streaming":
        return HTTP if serving.port else None
    runtime = runtime_of(serving)
    if serving.mode not in ONLINE or runtime is None:
        return None
    return metrics_port_of(serving, runtime, knative=is_knative(model))


def _relabeling(name: str, pod_label: str) -> dict[str, Any]:
    meta_label = "".join(c if c.isalnum() else "_" for c in pod_label)
    return {
        "action": "replace",
        "sourceLabels": [f"__meta_kubernetes_pod_label_{meta_label}"],
        "targetLabel": name,
    }


def _prometheus_rule(model: ResolvedModel) -> Manifest | None:
    monitoring = model.spec.monitoring
    by_group = {
        "objectives": [rule for objective in monitoring.objectives for rule in burn_rate_alerts(model, objective)]
    }
    by_group |= {"errors": error_burst_alerts(model), "drift": drift_alerts(model)}
    if model.part != "new":
        by_group |= {
            "traffic": missing_traffic_alerts(model),
            "payloads": upkeep_alerts(model),
            "staleness": _staleness_alerts(model),
            "lag": _lag_alerts(model),
            "business": [_business_alert(model, metric) for metric in monitoring.business],
        }
    groups = [{"name": f"{model.instance}.{name}", "rules": rules} for name, rules in by_group.items() if rules]
    return _manifest(model, "PrometheusRule", {"groups": groups}) if groups else None


def _staleness_alerts(model: ResolvedModel) -> list[dict[str, Any]]:
    """Counted from the release's training time, which is known, rather than from a metric, which may go missing.

    ``vector`` makes it a comparison that PromQL filters by; of two plain numbers it would be an error.
    """
    staleness, trained_at = model.spec.monitoring.staleness, model.spec.release.trained_at
    if staleness is None or trained_at is None:
        return []
    version = model.spec.release.version
    return [
        alert(
            model,
            "ModelStale",
            f"vector(time()) - {unix_time(trained_at)} > {seconds(staleness.max_age)}",
            labels={"severity": "ticket"},
            annotations={
                "summary": f"Model {model.name} is older than {staleness.max_age}",
                "description": f"Release {version} was trained at {trained_at}. Train and promote a new one.",
            },
        )
    ]


def _lag_alerts(model: ResolvedModel) -> list[dict[str, Any]]:
    """By Kafka Exporter's metric: KEDA's own stops at what the topic's partitions can share out."""
    lag, streaming = model.spec.monitoring.lag, model.spec.serving.streaming
    if lag is None or streaming is None:
        return []
    of = f'consumergroup="{streaming.group}", topic="{streaming.topic}"'
    return [
        alert(
            model,
            "ModelStreamLag",
            f"sum(kafka_consumergroup_lag{{{of}}}) > {lag.max}",
            labels={"severity": "ticket"},
            annotations={
                "summary": f"Model {model.name} is more than {lag.max} events behind on {streaming.topic}",
                "description": f"For {lag.over} the consumer group {streaming.group} has not kept up. Look whether "
                "replicas are missing, or raise serving.scaling.max.",
            },
            hold=lag.over,
        )
    ]


def _business_alert(model: ResolvedModel, metric: BusinessMetric) -> dict[str, Any]:
    """The query stands on lines of its own, since it may end in a comment."""
    floor = number(metric.floor)
    return alert(
        model,
        "ModelBusinessMetricBelowFloor",
        f"(\n{metric.query.strip()}\n) < {floor}",
        labels={"severity": "ticket", "metric": metric.name},
        annotations={
            "summary": f"{metric.name} of model {model.name} is below {floor}",
            "description": f"The business metric {metric.name} has been below its floor for {metric.over}.",
        },
        hold=metric.over,
    )


def _manifest(model: ResolvedModel, kind: str, spec: dict[str, Any]) -> Manifest:
    metadata = object_metadata(model, model.instance, component="monitoring")
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": kind, "metadata": metadata, "spec": spec}
