"""The controller as a Deployment or a StatefulSet that runs for ever, or a CronJob that looks once at a time. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.install.arguments import arguments
from mlgitops.render.install.installation import NAME, SELECTOR, Installation, labels, made
from mlgitops.render.install.network import PORT
from mlgitops.render.install.pod import (
    POD_SECURITY_CONTEXT,
    STATE_CLAIM,
    STATE_VOLUME,
    container,
    state_claim,
    volumes,
)

COMPONENT = "controller"
REPLICAS = 2
"""One leads, the other is ready to."""
_GRACE = 60
"""Seconds that a pod has to end what it is writing; nothing new is begun meanwhile."""
_LONGEST_RUN = 3600
"""Seconds after which a run of the CronJob is ended; each target has a shorter deadline of its own."""
_KEPT_SECONDS = 86_400


def deployment(installation: Installation) -> Manifest:
    """Two replicas, on different nodes where there are several."""
    spec = {
        "replicas": REPLICAS,
        "selector": {"matchLabels": SELECTOR},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}},
        "template": _running(installation),
    }
    return made(installation, "apps/v1", "Deployment", COMPONENT, spec=spec)


def stateful_set(installation: Installation) -> Manifest:
    """Replicas that share the targets, or one that keeps its state: of two, the one that waits has none to go on with.

    They keep their names, by which each finds its Lease, its volume and what it knew.
    """
    spec = {
        "replicas": installation.replicas or 1,
        "selector": {"matchLabels": SELECTOR},
        "serviceName": NAME,
        "podManagementPolicy": "Parallel",
        "template": _running(installation),
        **_claims(installation),
    }
    return made(installation, "apps/v1", "StatefulSet", COMPONENT, spec=spec)


def _claims(installation: Installation) -> dict[str, Any]:
    """A volume for each pod, which stays when the pod goes."""
    if not installation.state_size:
        return {}
    metadata = {"name": STATE_VOLUME, "labels": labels(installation, COMPONENT)}
    template = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    return {"volumeClaimTemplates": [{**template, "spec": state_claim(installation)}]}


def volume_claim(installation: Installation) -> Manifest:
    """The volume that one run of a CronJob after the other keeps the state on."""
    spec = state_claim(installation)
    return made(installation, "v1", "PersistentVolumeClaim", COMPONENT, STATE_CLAIM, spec=spec)


def _running(installation: Installation) -> dict[str, Any]:
    """A pod that runs for ever, and can be asked."""
    probes: dict[str, Any] = {
        "livenessProbe": _probe("/healthz", periodSeconds=20, timeoutSeconds=5, failureThreshold=6),
        "readinessProbe": _probe("/readyz", periodSeconds=10, timeoutSeconds=5, failureThreshold=3),
        "startupProbe": _probe("/healthz", periodSeconds=2, timeoutSeconds=5, failureThreshold=30),
    }
    ports = [{"name": "http", "containerPort": PORT, "protocol": "TCP"}]
    pod = _pod(installation, container(installation, arguments(installation), ports=ports, **probes))
    return {**pod, "spec": {**pod["spec"], "topologySpreadConstraints": [_spread()]}}


def disruption_budget(installation: Installation) -> Manifest:
    """One replica at a time may be evicted; one that is broken anyway is in nobody's way."""
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": SELECTOR},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return made(installation, "policy/v1", "PodDisruptionBudget", COMPONENT, spec=spec)


def cron_job(installation: Installation) -> Manifest:
    """One run at a time. A run that fails is not tried again: the next one is due soon enough."""
    pod = _pod(installation, container(installation, arguments(installation)))
    job = {
        "activeDeadlineSeconds": _LONGEST_RUN,
        "backoffLimit": 0,
        "ttlSecondsAfterFinished": _KEPT_SECONDS,
        "template": {**pod, "spec": {**pod["spec"], "restartPolicy": "Never"}},
    }
    spec = {
        "schedule": installation.schedule,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"metadata": {"labels": labels(installation, COMPONENT)}, "spec": job},
    }
    return made(installation, "batch/v1", "CronJob", COMPONENT, spec=spec)


def service(installation: Installation) -> Manifest:
    """Where webhooks are sent to; whatever brings them in from outside is the cluster's own."""
    ports = [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    spec = {"type": "ClusterIP", "selector": SELECTOR, "ports": ports}
    return made(installation, "v1", "Service", "network", spec=spec)


def _pod(installation: Installation, runs: dict[str, Any]) -> dict[str, Any]:
    spec = {
        "serviceAccountName": NAME,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": POD_SECURITY_CONTEXT,
        "terminationGracePeriodSeconds": _GRACE,
        "containers": [runs],
        "volumes": volumes(installation),
    }
    return {"metadata": {"labels": labels(installation, COMPONENT)}, "spec": spec}


def _spread() -> dict[str, Any]:
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": SELECTOR},
    }


def _probe(path: str, **terms: int) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}, **terms}
