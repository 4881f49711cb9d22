"""The specification of a TrainJob of Kubeflow Trainer v2, in the fields of the Target's version. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.render import clouds
from mlgitops.render.container import (
    Write,
    environment,
    image,
    program,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.service_account import identity_secrets, service_account_name
from mlgitops.render.storage import storage_uri
from mlgitops.spec.pipeline import Training
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.versions import at_least

API_VERSION = "trainer.kubeflow.org/v1alpha1"
PATCH_MANAGER = "mlgitops.dev/render"
"""Under which name our patch of the runtime stands beside Kueue's (Trainer 2.2 and newer)."""

SOURCES = {
    "TrainJob": {
        "spec": "training",
        "spec.runtimeRef": "training.runtime",
        "spec.activeDeadlineSeconds": "deadline",
        "spec.initializer.dataset": "training.dataset",
        "spec.initializer.model": "training.baseModel",
        "spec.trainer.image": "training.image",
        "spec.trainer.command": "training.command",
        "spec.trainer.args": "training.args",
        "spec.trainer.env": "training.env.[]",
        "spec.trainer.numNodes": "training.nodes",
        "spec.trainer.numProcPerNode": "training.processesPerNode",
        **resource_sources("spec.trainer.resourcesPerNode", "training.resources"),
        "spec.podSpecOverrides": "target:accelerators",
        "spec.podTemplateOverrides": "target:accelerators",
        "spec.runtimePatches": "target:accelerators",
    },
}


def train_job_spec(resolved: ResolvedPipeline, training: Training, write: Write) -> dict[str, Any]:
    """The specification of a TrainJob, in the fields of the Target's version of Trainer."""
    version = resolved.place.spec.components.trainer
    initializer = _initializer(resolved, training)
    return {
        "runtimeRef": {
            "apiGroup": "trainer.kubeflow.org", "kind": "ClusterTrainingRuntime", "name": training.runtime,
        },
        **({"activeDeadlineSeconds": seconds(resolved.spec.deadline)} if at_least(version, "2.2") else {}),
        **({"initializer": initializer} if initializer else {}),
        "trainer": _trainer(resolved, training, write),
        **_of_pods(resolved, training, version),
    }  # fmt: skip


def _initializer(resolved: ResolvedPipeline, training: Training) -> dict[str, Any]:
    """What is fetched before training starts, with the credentials of an identity that is a Secret."""
    wanted = {"dataset": training.dataset, "model": training.base_model}
    secrets = identity_secrets(resolved, resolved.spec.identity)
    credentials = {"secretRef": {"name": secrets[0]}} if secrets else {}
    return {name: {"storageUri": storage_uri(resolved, uri), **credentials} for name, uri in wanted.items() if uri}


def _trainer(resolved: ResolvedPipeline, training: Training, write: Write) -> dict[str, Any]:
    processes = training.processes_per_node
    return {
        "image": write(image(resolved, training.image)),
        **program(training, write),
        **({"env": environment(training.env, write)} if training.env else {}),
        "numNodes": training.nodes,
        **({"numProcPerNode": processes} if processes else {}),
        "resourcesPerNode": resource_requirements(resolved, training.resources),
    }


def _of_pods(resolved: ResolvedPipeline, training: Training, version: str | None) -> dict[str, Any]:
    """Account, nodes and labels of the job's pods. The field for it has another name in every minor version."""
    jobs = [(name, pod) for name, pod in _pods(resolved, training).items() if pod]
    if not jobs:
        return {}
    labels = clouds.of(resolved.place.spec.cloud).pod_labels() if resolved.spec.identity else {}
    if at_least(version, "2.2"):
        return {"runtimePatches": [_patch(jobs, labels)]}
    metadata = {"metadata": {"labels": labels}} if labels else {}
    if at_least(version, "2.1"):
        return {"podTemplateOverrides": [{"targetJobs": [{"name": n}], **metadata, "spec": pod} for n, pod in jobs]}
    return {"podSpecOverrides": [{"targetJobs": [{"name": n}], **pod} for n, pod in jobs]}


def _pods(resolved: ResolvedPipeline, training: Training) -> dict[str, dict[str, Any]]:
    """By job of the runtime: the trainer runs on the accelerator's nodes, the initializers anywhere."""
    account = {"serviceAccountName": service_account_name(resolved)} if resolved.spec.identity else {}
    fetched = {"dataset-initializer": training.dataset, "model-initializer": training.base_model}
    initializers = {name: account for name, uri in fetched.items() if uri}
    return {"node": {**account, **scheduling(resolved, training.resources)}, **initializers}


def _patch(jobs: list[tuple[str, dict[str, Any]]], labels: dict[str, str]) -> dict[str, Any]:
    metadata = {"metadata": {"labels": labels}} if labels else {}
    patched = [{"name": n, "template": {"spec": {"template": {**metadata, "spec": pod}}}} for n, pod in jobs]
    return {"manager": PATCH_MANAGER, "trainingRuntimeSpec": {"template": {"spec": {"replicatedJobs": patched}}}}
