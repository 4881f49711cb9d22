"""A pipeline with steps: an Argo WorkflowTemplate, its accounts and rights, and a CronWorkflow if scheduled. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render import access, training_step
from mlgitops.render.argo import cron_workflow
from mlgitops.render.container import resource_sources
from mlgitops.render.graph import COMPONENT, workflow_template
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import workflow_account
from mlgitops.spec.resolved import ResolvedPipeline

SOURCES = {
    **access.sources("steps"),
    "WorkflowTemplate": {
        "spec": "steps",
        "spec.arguments.parameters": "parameters.[]",
        "spec.arguments.parameters.description": "parameters.[].description",
        "spec.arguments.parameters.value": "parameters.[].value",
        "spec.templates": "steps.[step-]",
        "spec.templates.dag.tasks": "steps.[]",
        "spec.templates.dag.tasks.[train]": "training",
        "spec.templates.dag.tasks.depends": "steps.[].dependsOn",
        "spec.templates.activeDeadlineSeconds": "steps.[step-].timeout",
        "spec.templates.retryStrategy": "steps.[step-].retries",
        "spec.templates.outputs": "steps.[step-].outputs",
        "spec.templates.container.image": "steps.[step-].image",
        "spec.templates.container.command": "steps.[step-].command",
        "spec.templates.container.args": "steps.[step-].args",
        "spec.templates.container.env": "steps.[step-].env.[]",
        **resource_sources("spec.templates.container.resources", "steps.[step-].resources"),
        "spec.activeDeadlineSeconds": "deadline",
        "spec.ttlStrategy": "keep",
        "spec.serviceAccountName": "identity",
        "spec.podMetadata.labels.kueue.x-k8s.io/queue-name": "queue",
        "spec.templates.resource": "training",
        "spec.templates.nodeSelector": "target:accelerators",
        "spec.templates.tolerations": "target:accelerators",
    },
    "CronWorkflow": {
        "spec": "schedule",
        "spec.schedule": "schedule.cron",
        "spec.schedules": "schedule.cron",
        "spec.timezone": "schedule.timezone",
        "spec.startingDeadlineSeconds": "schedule.startingDeadline",
    },
}


def render(resolved: ResolvedPipeline) -> list[Manifest]:
    """The manifests of a pipeline with steps."""
    schedule = resolved.spec.schedule
    account = workflow_account(resolved, resolved.spec.identity)
    manifests = [account, *access.grant(resolved, account, access.REPORT_RESULTS), *_launcher(resolved)]
    manifests.append(workflow_template(resolved, account["metadata"]["name"]))
    if schedule is not None:
        manifests.append(
            cron_workflow(resolved, COMPONENT, schedule.cron, schedule.timezone, schedule.starting_deadline)
        )
    return manifests


def _launcher(resolved: ResolvedPipeline) -> list[Manifest]:
    """An account of its own for what starts and stops the training, so that no step of the user's has its rights."""
    if resolved.spec.training is None:
        return []
    metadata: dict[str, Any] = object_metadata(resolved, training_step.launcher_name(resolved), component="access")
    account: Manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    return [account, *access.grant(resolved, account, access.REPORT_RESULTS, *training_step.RULES)]
