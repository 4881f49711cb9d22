"""A pipeline with steps: an Argo WorkflowTemplate with its accounts and rights, its schedule, and a run. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render import (
    access,
    artifacts,
    build_step,
    outcome_steps,
    registration_step,
    run,
    spark_step,
    training_step,
)
from mlgitops.render.argo import cron_workflow
from mlgitops.render.container import node_sources, resource_sources
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
        "spec.arguments.parameters.enum": "parameters.[].enum",
        "spec.templates": "steps.[step-]",
        "spec.templates.dag.tasks": "steps.[]",
        "spec.templates.dag.tasks.[train]": "training",
        "spec.templates.dag.tasks.depends": "steps.[].dependsOn",
        **outcome_steps.SOURCES,
        "spec.templates.activeDeadlineSeconds": "steps.[step-].timeout",
        "spec.templates.retryStrategy": "steps.[step-].retries",
        "spec.templates.outputs": "steps.[step-].outputs",
        "spec.templates.memoize": "steps.[step-].cache",
        "spec.templates.metadata.annotations": "steps.[step-].uses",
        **artifacts.SOURCES,
        "spec.templates.container.image": "steps.[step-].image",
        "spec.templates.container.command": "steps.[step-].command",
        "spec.templates.container.args": "steps.[step-].args",
        "spec.templates.container.env": "steps.[step-].env.[]",
        **resource_sources("spec.templates.container.resources", "steps.[step-].resources"),
        "spec.activeDeadlineSeconds": "deadline",
        "spec.ttlStrategy": "keep",
        "spec.serviceAccountName": "identity",
        "spec.podMetadata.labels.kueue.x-k8s.io/queue-name": "queue",
        "spec.podMetadata.labels.kueue.x-k8s.io/priority-class": "priority",
        "spec.templates.resource": "steps.[step-].spark",
        **{f"spec.templates.[{name}].*": "training" for name in training_step.NAMES},
        **node_sources("spec.templates", "steps.[step-].resources"),
    },
    "CronWorkflow": {
        "spec": "schedule",
        "spec.schedule": "schedule.cron",
        "spec.schedules": "schedule.cron",
        "spec.timezone": "schedule.timezone",
        "spec.startingDeadlineSeconds": "schedule.startingDeadline",
    },
    **run.SOURCES,
}


def render(resolved: ResolvedPipeline) -> list[Manifest]:
    """The manifests of a pipeline with steps."""
    schedule = resolved.spec.schedule
    account = workflow_account(resolved, resolved.spec.identity)
    manifests = [account, *access.grant(resolved, account, access.REPORT_RESULTS), *_launcher(resolved)]
    manifests += [one for own in _accounts(resolved) for one in own]
    manifests.append(workflow_template(resolved, account["metadata"]["name"]))
    if schedule is not None:
        manifests.append(
            cron_workflow(resolved, COMPONENT, schedule.cron, schedule.timezone, schedule.starting_deadline)
        )
    if resolved.spec.run is not None:
        manifests.append(run.asked_for(resolved, resolved.spec.run))
    return manifests


def _accounts(resolved: ResolvedPipeline) -> Iterator[list[Manifest]]:
    """Accounts of their own, each with its rights, for steps that need others than a container of the user's."""
    spec = resolved.spec
    if any(step.build for step in spec.steps):
        yield _granted(resolved, build_step.account(resolved), access.REPORT_RESULTS)
    if any(step.spark for step in spec.steps):
        yield _granted(resolved, spark_step.driver_account(resolved), *spark_step.DRIVER_RULES)
        launcher = spark_step.launcher_account(resolved)
        yield _granted(resolved, launcher, access.REPORT_RESULTS, *spark_step.LAUNCHER_RULES)
    if spec.registration is not None:
        yield _granted(resolved, registration_step.account(resolved), access.REPORT_RESULTS)


def _granted(resolved: ResolvedPipeline, account: Manifest, *rules: access.Rule) -> list[Manifest]:
    return [account, *access.grant(resolved, account, *rules)]


def _launcher(resolved: ResolvedPipeline) -> list[Manifest]:
    """An account of its own for what starts and stops the training, so that no step of the user's has its rights."""
    training = resolved.spec.training
    if training is None:
        return []
    metadata: dict[str, Any] = object_metadata(resolved, training_step.launcher_name(resolved), component="access")
    account: Manifest = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    return [account, *access.grant(resolved, account, access.REPORT_RESULTS, *training_step.rules(resolved, training))]
