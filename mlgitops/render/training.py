"""Distributed training as a TrainJob of Kubeflow Trainer v2, for a pipeline that has no steps. Pure.

A TrainJob's specification cannot be changed, so that its name carries a hash of it: a changed pipeline is a new job.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest, digest
from mlgitops.render import clouds
from mlgitops.render.argo import QUEUE_LABEL
from mlgitops.render.container import (
    Write,
    environment,
    image,
    program,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.metadata import object_labels, object_metadata
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.render.service_account import identity_secrets, service_account, service_account_name
from mlgitops.render.storage import storage_uri
from mlgitops.spec.pipeline import Training
from mlgitops.spec.placeholders import ParameterUse, parts
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.versions import at_least

API_VERSION = "trainer.kubeflow.org/v1alpha1"
COMPONENT = "training"
PATCH_MANAGER = "mlgitops.dev/render"
"""Under which name our patch of the runtime stands beside Kueue's (Trainer 2.2 and newer)."""

LONGEST_BASE = 24
"""Of a job's name, what is left for the pipeline's: JobSet refuses a job whose pods' names would pass 63 characters,
and the longest that it adds is ``-dataset-initializer-0-0-`` and 5 more; our own suffix is a dash and 8."""

SOURCES = {
    **ACCOUNT_SOURCES,
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
        "metadata.labels.kueue.x-k8s.io/queue-name": "queue",
    },
}


def render(resolved: ResolvedPipeline) -> list[Manifest]:
    """The manifests of a pipeline of training alone: the TrainJob, and an account where an identity is named."""
    training = resolved.spec.training
    if training is None:  # refused by check before
        raise ValueError(f"pipeline {resolved.name} has neither steps nor training")
    account = service_account(resolved, resolved.spec.identity)
    job = _named(resolved, train_job_spec(resolved, training, lambda text: _with_values(resolved, text)))
    return [job] if account is None else [account, job]


def _named(resolved: ResolvedPipeline, spec: dict[str, Any]) -> Manifest:
    suffix = digest([resolved.name, spec]).removeprefix("sha256:")[:8]
    metadata = object_metadata(resolved, f"{base_name(resolved)}-{suffix}", component=COMPONENT)
    metadata["labels"] |= queue_label(resolved)
    return {"apiVersion": API_VERSION, "kind": "TrainJob", "metadata": metadata, "spec": spec}


def base_name(resolved: ResolvedPipeline) -> str:
    """The pipeline's name, cut to what a job's name has room for."""
    return resolved.name[:LONGEST_BASE].rstrip("-")


def queue_label(resolved: ResolvedPipeline) -> dict[str, str]:
    """The label by which Kueue admits the job; empty where the pipeline names no queue."""
    return {QUEUE_LABEL: resolved.spec.queue} if resolved.spec.queue else {}


def _with_values(resolved: ResolvedPipeline, text: str) -> str:
    """The text with parameters replaced by their values: nothing can give others to a job that Git alone starts."""
    values = {parameter.name: parameter.value or "" for parameter in resolved.spec.parameters}
    return "".join(values[part.name] if isinstance(part, ParameterUse) else str(part) for part in parts(text))


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
        "image": image(resolved, training.image),
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


def job_labels(resolved: ResolvedPipeline) -> dict[str, str]:
    """Labels of a TrainJob that a pipeline's run creates."""
    return {**object_labels(resolved, COMPONENT), **queue_label(resolved)}
