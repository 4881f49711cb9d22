"""The specification of a PyTorchJob, TFJob or XGBoostJob of Training Operator 1.x. Pure.

The first node is the replica that the operator calls Master (Chief for TensorFlow), and by whose end the job has
succeeded; the others are Workers. A replica that fails is not started again, as in a TrainJob: the job has failed.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import LABEL_PIPELINE
from mlgitops.render import clouds
from mlgitops.render.container import (
    SECURITY_CONTEXT,
    Write,
    environment,
    image,
    node_sources,
    program,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.service_account import identity_secrets, service_account_name
from mlgitops.spec.pipeline import Training
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline

API_VERSION = "kubeflow.org/v1"
_REPLICAS = {"PyTorchJob": "pytorchReplicaSpecs", "TFJob": "tfReplicaSpecs", "XGBoostJob": "xgbReplicaSpecs"}
_FIRST = {"PyTorchJob": "Master", "TFJob": "Chief", "XGBoostJob": "Master"}
CONTAINERS = {"PyTorchJob": "pytorch", "TFJob": "tensorflow", "XGBoostJob": "xgboost"}
"""The name that the container must have; by it the operator's webhook knows the training's own."""


def _sources(kind: str) -> dict[str, str]:
    found = {
        "spec": "training",
        "spec.runPolicy.activeDeadlineSeconds": "deadline",
        "spec.runPolicy.ttlSecondsAfterFinished": "keep",
        "spec.nprocPerNode": "training.processesPerNode",
    }
    for role in (_FIRST[kind], "Worker"):
        replica = f"spec.{_REPLICAS[kind]}.{role}"
        pod, container = f"{replica}.template.spec", f"{replica}.template.spec.containers"
        found |= {
            f"{replica}.replicas": "training.nodes",
            f"{pod}.serviceAccountName": "identity",
            f"{container}.image": "training.image",
            f"{container}.command": "training.command",
            f"{container}.args": "training.args",
            f"{container}.env": "training.env.[]",
            f"{container}.envFrom": "target:identities",
            **node_sources(pod, "training.resources"),
            **resource_sources(f"{container}.resources", "training.resources"),
        }
    return found


SOURCES = {kind: _sources(kind) for kind in _REPLICAS}


def job_spec(resolved: ResolvedPipeline, training: Training, write: Write, kind: str) -> dict[str, Any]:
    """The specification of a job of ``kind``. What held it back (``suspend``) is Kueue's and never rendered."""
    template = _pod_template(resolved, training, write, kind)
    replicas = {_FIRST[kind]: _replica(1, template)}
    if training.nodes > 1:
        replicas["Worker"] = _replica(training.nodes - 1, template)
    processes = training.processes_per_node
    return {
        "runPolicy": {"cleanPodPolicy": "Running", "activeDeadlineSeconds": seconds(resolved.spec.deadline)},
        _REPLICAS[kind]: replicas,
        **({"nprocPerNode": str(processes)} if processes and kind == "PyTorchJob" else {}),
    }


def removed_after_its_time(resolved: ResolvedPipeline, spec: dict[str, Any]) -> dict[str, Any]:
    """The specification of a job that removes itself ``keep`` after its end, where that does not start it again.

    A job that Argo CD or Flux misses is made anew; only where we apply by ourselves are runs remembered (the ledger).
    """
    if resolved.place.spec.connection.kubernetes is None:
        return spec
    return {**spec, "runPolicy": {**spec["runPolicy"], "ttlSecondsAfterFinished": seconds(resolved.spec.keep)}}


def _replica(count: int, template: dict[str, Any]) -> dict[str, Any]:
    return {"replicas": count, "restartPolicy": "Never", "template": template}


def _pod_template(resolved: ResolvedPipeline, training: Training, write: Write, kind: str) -> dict[str, Any]:
    """The user that it runs as is the image's, as in a TrainJob, and so that Katib's sidecar may run beside it.

    Of the labels only one that cannot change: with another of the user's labels it would be another job.
    """
    identity = resolved.spec.identity
    cloud = clouds.of(resolved.place.spec.cloud).pod_labels() if identity else {}
    pod = {
        **({"serviceAccountName": service_account_name(resolved)} if identity else {}),
        "automountServiceAccountToken": False,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        **scheduling(resolved, training.resources),
        "containers": [_container(resolved, training, write, CONTAINERS[kind])],
    }
    return {"metadata": {"labels": {LABEL_PIPELINE: resolved.name, **cloud}}, "spec": pod}


def _container(resolved: ResolvedPipeline, training: Training, write: Write, name: str) -> dict[str, Any]:
    secrets = identity_secrets(resolved, resolved.spec.identity)
    return {
        "name": name,
        "image": write(image(resolved, training.image)),
        **program(training, write),
        **({"env": environment(training.env, write)} if training.env else {}),
        **({"envFrom": [{"secretRef": {"name": secret}} for secret in secrets]} if secrets else {}),
        "resources": resource_requirements(resolved, training.resources),
        "securityContext": dict(SECURITY_CONTEXT),
    }
