"""A Grafana dashboard of the controller, as a ConfigMap that Grafana's side car picks up by its label. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from mlgitops.manifest import Manifest
from mlgitops.render.install.installation import NAME, Installation, made
from mlgitops.render.install.panels import SOURCE, Panel, controller, drawn, overview, targets
from mlgitops.render.install.queries import metric
from mlgitops.render.install.scraping import COMPONENT

LABEL = "grafana_dashboard"
"""What Grafana's Helm chart looks for unless it is told otherwise (its value ``sidecar.dashboards.label``)."""
_SCHEMA = 39
_WIDTH = 24
_LONGEST_UID = 40
_CHOICE = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
"""The data source, which ``panels`` names ``$source``."""


def config_map(installation: Installation) -> Manifest:
    """The dashboard, where Grafana finds it."""
    text = orjson.dumps(dashboard(installation), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    name = f"{NAME}-dashboard"
    manifest = made(installation, "v1", "ConfigMap", COMPONENT, name, data={f"{NAME}.json": text})
    manifest["metadata"]["labels"][LABEL] = "1"
    return manifest


def dashboard(installation: Installation) -> dict[str, Any]:
    """The dashboard in Grafana's JSON model."""
    panels = [*overview(installation), *targets(installation), *controller(installation)]
    uid, title = f"mlgitops-{installation.project}", f"mlgitops: {installation.project}"
    return placed(uid, title, panels, list(_variables(installation)))


def placed(
    uid: str, title: str, panels: Sequence[Panel], variables: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Panels as a dashboard in Grafana's JSON model. ``variables`` go below the choice of the data source."""
    return {
        "uid": uid[:_LONGEST_UID],
        "title": title,
        "tags": ["mlgitops"],
        "schemaVersion": _SCHEMA,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_CHOICE, *variables]},
        "panels": [
            {**drawn(panel), "id": number, "gridPos": place}
            for number, (panel, place) in enumerate(zip(panels, _places(panels), strict=True), start=1)
        ],
    }


def _variables(installation: Installation) -> Iterator[dict[str, Any]]:
    """What to look at; ``panels`` names them ``$environment`` and ``$target``."""
    every = metric(installation, "mlgitops_target_result")
    within = metric(installation, "mlgitops_target_result", environment="~$environment")
    for name, series in (("environment", every), ("target", within)):
        query = f"label_values({series}, {name})"
        yield {
            "name": name,
            "type": "query",
            "datasource": SOURCE,
            "definition": query,
            "query": {"query": query, "refId": name},
            "refresh": 2,  # whenever the time range changes
            "sort": 1,
            "multi": True,
            "includeAll": True,
            "allValue": ".*",
            "current": {"text": "All", "value": "$__all"},
        }


def _places(panels: Sequence[Panel]) -> Iterator[dict[str, int]]:
    """From left to right, then from top to bottom; the panels of a row are of one height."""
    left = top = height = 0
    for panel in panels:
        if left + panel.width > _WIDTH:
            left, top = 0, top + height
        yield {"x": left, "y": top, "w": panel.width, "h": panel.height}
        left, height = left + panel.width, panel.height
