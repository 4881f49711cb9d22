"""A Grafana dashboard of one model: its objectives, drift, age and worth, as a ConfigMap. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from mlgitops.check.monitoring import unix_time
from mlgitops.check.runtimes import runtime_of
from mlgitops.manifest import Manifest
from mlgitops.render.burn_rate import bad_share
from mlgitops.render.install.dashboard import LABEL, placed
from mlgitops.render.install.panels import Panel
from mlgitops.render.metadata import object_metadata
from mlgitops.render.promql import number
from mlgitops.spec.resolved import ResolvedModel

SUFFIX = "-dashboard"
_PERCENT = "percentunit"


def dashboards(model: ResolvedModel) -> list[Manifest]:
    """The ConfigMap, where one is asked for and there is something to show."""
    panels = [*_objectives(model), *_drift(model), *_age(model), *_worth(model)]
    if not (model.spec.monitoring.dashboard and panels):
        return []
    place = model.place
    uid = f"{place.environment}-{place.target}-{model.name}"
    title = f"{model.name} in {place.environment} at {place.target}"
    text = orjson.dumps(placed(uid, title, panels), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    metadata = object_metadata(model, model.name + SUFFIX, component="monitoring")
    metadata["labels"][LABEL] = "1"
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {f"{model.name}.json": text}}]


def _objectives(model: ResolvedModel) -> Iterator[Panel]:
    """The share of bad requests, and the share that the objective leaves room for."""
    runtime = runtime_of(model.spec.serving)
    for objective in model.spec.monitoring.objectives:
        indicator = getattr(runtime.indicators, objective.metric) if runtime else None
        if indicator is not None:
            bad = bad_share(model, objective, indicator, "5m")
            most = number(round(1 - objective.objective / 100, 6))
            queries = [(bad, "in 5 minutes"), (f"vector({most})", "what the objective leaves room for")]
            yield Panel(f"Not good by {objective.metric}", queries, indicator.measures, _PERCENT)


def _drift(model: ResolvedModel) -> Iterator[Panel]:
    if model.spec.monitoring.drift is None:
        return
    place = model.place
    of = f'{{model="{model.name}",environment="{place.environment}",target="{place.target}"}}'
    far = f"max by (feature) (mlgitops_drift_feature{of})"
    queries = [(far, "{{feature}}"), (f"max(mlgitops_drift_threshold{of})", "threshold")]
    yield Panel("How far requests are from the training data", queries, "By the drift job's measure.")
    drifted = f"max by (version) (mlgitops_drift_features_drifted{of})"
    yield Panel("Features that drifted", [(drifted, "{{version}}")], "By release.")


def _age(model: ResolvedModel) -> Iterator[Panel]:
    trained = model.spec.release.trained_at
    if trained is not None:
        age = f"vector(time() - {unix_time(trained)})"
        yield Panel("Age of the release", [(age, model.spec.release.version)], "Since it was trained.", "s", "stat")


def _worth(model: ResolvedModel) -> Iterator[Panel]:
    """Queries stand on lines of their own, since they may end in a comment."""
    for metric in model.spec.monitoring.business:
        queries: list[Any] = [
            (f"\n{metric.query.strip()}\n", metric.name),
            (f"vector({number(metric.floor)})", "floor"),
        ]
        yield Panel(metric.name, queries, "A business metric and its floor.")
