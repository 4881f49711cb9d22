"""What the replicas of a served model have in common: labels, how they are replaced, zones. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.manifest import LABEL_ENVIRONMENT, LABEL_MODEL, LABEL_RELEASE
from mlgitops.render import clouds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.rollout import Rollout


def deployment_strategy(rollout: Rollout) -> dict[str, Any]:
    """How a Deployment replaces its pods."""
    if rollout.strategy == "recreate":
        return {"type": "Recreate"}
    bounds = {"maxSurge": rollout.max_surge, "maxUnavailable": rollout.max_unavailable}
    return {"type": "RollingUpdate", "rollingUpdate": bounds}


def pod_labels(model: ResolvedModel) -> dict[str, str]:
    """Labels that a PodMonitor reads from pods, and those that the cloud's identity needs there."""
    own = {
        LABEL_MODEL: model.name,
        LABEL_RELEASE: model.spec.release.version,
        LABEL_ENVIRONMENT: model.place.environment,
    }
    identity = clouds.of(model.place.spec.cloud).pod_labels() if model.spec.serving.identity else {}
    return {**own, **identity}


def zone_spread(model: ResolvedModel, selector: Mapping[str, str]) -> list[dict[str, Any]]:
    """The constraint that spreads the pods of ``selector`` over zones, where the model asks for it."""
    if not model.spec.serving.spread_zones:
        return []
    return [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(selector)},
        }
    ]
