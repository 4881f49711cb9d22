"""What Argo Workflows documents have in common, as plain data: schedules, retries, tidying up, labels of pods. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render import clouds
from mlgitops.render.metadata import object_labels, object_metadata
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.versions import at_least

API_VERSION = "argoproj.io/v1alpha1"
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
"""The label by which Kueue admits a pod or job. Kueue itself sets ``suspend``, which is never rendered."""
PRIORITY_LABEL = "kueue.x-k8s.io/priority-class"
"""The label with the WorkloadPriorityClass by which Kueue orders what waits in a queue."""

KEPT_RUNS = 3
"""How many runs of a schedule, that succeeded and that failed, are kept at most."""


def cron_workflow(
    resolved: Resolved, component: str, crons: Sequence[str], timezone: str, starting_deadline: str
) -> Manifest:
    """A CronWorkflow that runs the WorkflowTemplate of the same name; a run is left out while the last one lasts."""
    spec = {"workflowTemplateRef": {"name": resolved.name}}
    return {
        "apiVersion": API_VERSION,
        "kind": "CronWorkflow",
        "metadata": object_metadata(resolved, component=component),
        "spec": scheduled(resolved, component, crons, timezone, starting_deadline, spec),
    }


def scheduled(
    resolved: Resolved,
    component: str,
    crons: Sequence[str],
    timezone: str,
    starting_deadline: str,
    workflow: Mapping[str, Any],
) -> dict[str, Any]:
    """The spec of a CronWorkflow whose runs have the spec ``workflow``."""
    return {
        **_schedules(resolved, crons),
        "timezone": timezone,
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": seconds(starting_deadline),
        "successfulJobsHistoryLimit": KEPT_RUNS,
        "failedJobsHistoryLimit": KEPT_RUNS,
        "workflowMetadata": {"labels": object_labels(resolved, component)},
        "workflowSpec": dict(workflow),
    }


def _schedules(resolved: Resolved, crons: Sequence[str]) -> dict[str, Any]:
    """``schedules`` from Argo 3.6 on; ``schedule`` before, which 4.0 removed. ``check`` refuses several before 3.6."""
    if at_least(resolved.place.spec.components.argo_workflows, "3.6"):
        return {"schedules": list(crons)}
    return {"schedule": crons[0]}


def queue_labels(queue: str | None, priority: str | None = None) -> dict[str, str]:
    """The labels by which Kueue admits a pod or job; none where no queue is named."""
    priorities = {PRIORITY_LABEL: priority} if priority else {}
    return {QUEUE_LABEL: queue, **priorities} if queue else {}


def pod_labels(
    resolved: Resolved, component: str, identity: str | None, queue: str | None = None, priority: str | None = None
) -> dict[str, str]:
    """Labels of a workflow's pods: whose they are, what the cloud's identity needs, and the queue that admits them."""
    cloud = clouds.of(resolved.place.spec.cloud).pod_labels() if identity else {}
    return {**object_labels(resolved, component), **cloud, **queue_labels(queue, priority)}


def retry_strategy(limit: int, first_wait: str = "30s") -> dict[str, Any]:
    """Retries after failures of the program and of the node, at growing intervals; ``limit`` counts retries, not tries.

    Without ``maxDuration``, which in Argo is no bound of the wait but a deadline of the pod itself (its source,
    ``processNodeRetries``) and would stop long work in the middle.
    """
    return {"limit": str(limit), "retryPolicy": "Always", "backoff": {"duration": first_wait, "factor": "2"}}
