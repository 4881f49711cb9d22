"""What Prometheus scrapes of the controller. Pure."""

from __future__ import annotations

from mlgitops.manifest import Manifest
from mlgitops.render.install.installation import NAME, SELECTOR, Installation, made

COMPONENT = "monitoring"
INTERVAL = "30s"
JOB = NAME
"""The value of the label ``job`` that scraped metrics get."""


def pod_monitor(installation: Installation) -> Manifest:
    """Every replica is scraped, the one that leads and the one that waits."""
    spec = {
        "jobLabel": "app.kubernetes.io/name",
        "selector": {"matchLabels": SELECTOR},
        "podMetricsEndpoints": [{"port": "http", "path": "/metrics", "interval": INTERVAL}],
    }
    return made(installation, "monitoring.coreos.com/v1", "PodMonitor", COMPONENT, spec=spec)
