"""Batch scoring: an Argo WorkflowTemplate of one container, run in shards, and a CronWorkflow where it is scheduled.

Plain data without hera, whose import alone would cost more than rendering a thousand models. Pure.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render import access
from mlgitops.render.argo import API_VERSION, cron_workflow, pod_labels, retry_strategy
from mlgitops.render.container import (
    POD_SECURITY_CONTEXT,
    SECURITY_CONTEXT,
    environment,
    image,
    node_sources,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import identity_secrets, workflow_account
from mlgitops.render.storage import data_uri, storage_uri
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Batch

COMPONENT = "batch"
STARTING_DEADLINE = "5m"
"""How late a scheduled run may still start, after Argo's controller was away."""
KEPT_AFTER_SUCCESS, KEPT_AFTER_FAILURE = "1d", "7d"
"""How long finished runs are kept in the cluster."""

SOURCES = {
    **access.sources("serving.batch"),
    "WorkflowTemplate": {
        "spec": "serving.batch",
        "spec.activeDeadlineSeconds": "serving.batch.deadline",
        "spec.serviceAccountName": "serving.identity",
        "spec.templates.retryStrategy": "serving.batch.retries",
        "spec.templates.dag": "serving.batch.shards",
        **node_sources("spec.templates", "serving.resources"),
        "spec.templates.container.image": "release.image",
        "spec.templates.container.command": "serving.batch.command",
        "spec.templates.container.args": "serving.batch.args",
        "spec.podMetadata.labels.mlgitops.dev/release": "release.version",
        "spec.podMetadata.labels.app.kubernetes.io/version": "release.version",
        "spec.templates.container.env": "serving.env.[]",
        "spec.templates.container.env.[MODEL_URI]": "release.artifact.uri",
        "spec.templates.container.env.[MODEL_VERSION]": "release.version",
        "spec.templates.container.env.[INPUT_URI]": "serving.batch.input",
        "spec.templates.container.env.[OUTPUT_URI]": "serving.batch.output",
        "spec.templates.container.env.[SHARD]": "serving.batch.shards",
        "spec.templates.container.env.[SHARDS]": "serving.batch.shards",
        "spec.templates.container.envFrom": "target:identities",
        **resource_sources("spec.templates.container.resources", "serving.resources"),
        "metadata.labels.mlgitops.dev/release": "release.version",
    },
    "CronWorkflow": {
        "spec": "serving.batch.schedule",
        "spec.timezone": "serving.batch.timezone",
        "spec.workflowMetadata.labels.mlgitops.dev/release": "release.version",
        "spec.workflowMetadata.labels.app.kubernetes.io/version": "release.version",
        "metadata.labels.mlgitops.dev/release": "release.version",
    },
}


def render(resolved: ResolvedModel) -> list[Manifest]:
    """The manifests of a batch model: account and rights, template, and schedule where there is one."""
    batch = _batch(resolved)
    account = workflow_account(resolved, resolved.spec.serving.identity)
    manifests = [account, *access.grant(resolved, account, access.REPORT_RESULTS)]
    manifests.append(_workflow_template(resolved, batch, account["metadata"]["name"]))
    if batch.schedule:
        manifests.append(cron_workflow(resolved, COMPONENT, batch.schedule, batch.timezone, STARTING_DEADLINE))
    return manifests


def _batch(resolved: ResolvedModel) -> Batch:
    if resolved.spec.serving.batch is None:  # refused by check before
        raise ValueError(f"model {resolved.name} has mode batch and no batch block")
    return resolved.spec.serving.batch


def _workflow_template(resolved: ResolvedModel, batch: Batch, account: str) -> Manifest:
    score = _score(resolved, batch)
    return {
        "apiVersion": API_VERSION,
        "kind": "WorkflowTemplate",
        "metadata": object_metadata(resolved, component=COMPONENT),
        "spec": {
            "entrypoint": "score" if batch.shards == 1 else "shards",
            "serviceAccountName": account,
            "activeDeadlineSeconds": seconds(batch.deadline),
            "ttlStrategy": {
                "secondsAfterSuccess": seconds(KEPT_AFTER_SUCCESS),
                "secondsAfterFailure": seconds(KEPT_AFTER_FAILURE),
            },
            "podGC": {"strategy": "OnWorkflowSuccess"},
            "podMetadata": {"labels": pod_labels(resolved, COMPONENT, resolved.spec.serving.identity)},
            "securityContext": dict(POD_SECURITY_CONTEXT),
            "templates": [score] if batch.shards == 1 else [_in_shards(batch.shards), score],
        },
    }


def _in_shards(shards: int) -> dict[str, Any]:
    """A graph of one task that runs once for each shard, all at the same time."""
    task = {
        "name": "shard",
        "template": "score",
        "withSequence": {"count": str(shards)},
        "arguments": {"parameters": [{"name": "shard", "value": "{{item}}"}]},
    }
    return {"name": "shards", "dag": {"tasks": [task]}}


def _score(resolved: ResolvedModel, batch: Batch) -> dict[str, Any]:
    return {
        "name": "score",
        **({"inputs": {"parameters": [{"name": "shard"}]}} if batch.shards > 1 else {}),
        **({"retryStrategy": retry_strategy(batch.retries)} if batch.retries else {}),
        **scheduling(resolved, resolved.spec.serving.resources),
        "container": _container(resolved, batch),
    }


def _container(resolved: ResolvedModel, batch: Batch) -> dict[str, Any]:
    serving = resolved.spec.serving
    secrets = identity_secrets(resolved, serving.identity)
    return {
        "image": image(resolved, resolved.spec.release.image or batch.image or ""),
        "command": list(batch.command),
        **({"args": list(batch.args)} if batch.args else {}),
        "env": [*environment(serving.env), *_own_variables(resolved, batch)],
        **({"envFrom": [{"secretRef": {"name": name}} for name in secrets]} if secrets else {}),
        "resources": resource_requirements(resolved, serving.resources),
        "securityContext": dict(SECURITY_CONTEXT),
    }


def _own_variables(resolved: ResolvedModel, batch: Batch) -> list[dict[str, Any]]:
    """What to score with which model: last, so that they win over the user's (``check`` refuses the clash)."""
    release = resolved.spec.release
    values = {
        "MODEL_URI": storage_uri(resolved, release.artifact.uri),
        "MODEL_VERSION": release.version,
        "INPUT_URI": data_uri(resolved, batch.input),
        "OUTPUT_URI": data_uri(resolved, batch.output),
        "SHARD": "0" if batch.shards == 1 else "{{inputs.parameters.shard}}",
        "SHARDS": str(batch.shards),
    }
    return [{"name": name, "value": value} for name, value in values.items()]
