"""Which pods belong to a model's objects, by the labels that each kind's controller gives them. Pure.

Sources: ``pkg/constants/constants.go`` of KServe 0.17 (``InferenceServicePodLabelKey``, ``InferenceGraphLabel``,
``LLMInferenceServicePartOfValue``), ``workflow/common/common.go`` of Argo Workflows 3.7, JobSet's
``jobset.sigs.k8s.io/jobset-name``, which Trainer 2 names as the TrainJob, ``pkg/apis/kubeflow.org/v1/common_types.go``
of Training Operator 1.9, Katib 0.19 and Spark Operator 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.targets.events import Event
from mlgitops.targets.logs import Stream

OF_RUN = {
    "Workflow": "workflows.argoproj.io/workflow",
    "TrainJob": "jobset.sigs.k8s.io/jobset-name",
    "JobSet": "jobset.sigs.k8s.io/jobset-name",
    "Experiment": "katib.kubeflow.org/experiment",
    "SparkApplication": "sparkoperator.k8s.io/app-name",
    "Job": "batch.kubernetes.io/job-name",
    **dict.fromkeys(
        ("JAXJob", "MPIJob", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob"), "training.kubeflow.org/job-name"
    ),
}
"""Kinds of what runs once, and the label of its pods that has its name."""
_OF_SERVICE = {
    "InferenceService": "serving.kserve.io/inferenceservice",
    "InferenceGraph": "serving.kserve.io/inferencegraph",
    "LLMInferenceService": "app.kubernetes.io/part-of=llminferenceservice,app.kubernetes.io/name",
}
RUN_LABELS = tuple(dict.fromkeys(OF_RUN.values()))
_BEGINNING = frozenset({"ContainerCreating", "PodInitializing"})


def selectors(manifests: Iterable[Manifest]) -> Iterator[tuple[str, str]]:
    """Namespace and label selector of the pods of these objects, each once; objects without pods have none."""
    names: dict[tuple[str, str], list[str]] = {}
    for manifest in manifests:
        kind, metadata = manifest["kind"], manifest["metadata"]
        if kind == "Deployment":
            labels = (manifest.get("spec") or {}).get("selector", {}).get("matchLabels") or {}
            if labels:  # none at all would be those of every pod
                yield metadata["namespace"], ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        elif label := _OF_SERVICE.get(kind) or OF_RUN.get(kind):
            names.setdefault((metadata["namespace"], label), []).append(metadata["name"])
    for (namespace, label), found in sorted(names.items()):
        yield namespace, f"{label} in ({','.join(sorted(set(found)))})"


def run_of(pod: Manifest) -> str:
    """The name of the run that a pod belongs to; empty for one that serves."""
    labels = pod["metadata"].get("labels") or {}
    return next((labels[label] for label in RUN_LABELS if label in labels), "")


def streams(pod: Manifest) -> Iterator[tuple[Stream, bool, bool]]:
    """What a pod's containers said: each stream, whether it is that before the last restart, and whether it is over."""
    metadata, run = pod["metadata"], run_of(pod)
    for status in _statuses(pod):
        restarts = int(status.get("restartCount") or 0)
        state, last = status.get("state") or {}, status.get("lastState") or {}
        of = Stream(metadata["namespace"], metadata["name"], status["name"], restarts, run)
        if "terminated" in last and restarts and "waiting" not in state:
            yield of._replace(restart=restarts - 1), True, True
        if "running" in state or "terminated" in state or "terminated" in last:
            yield of, False, "terminated" in state


def states(pod: Manifest) -> Iterator[Event]:
    """Why a pod is on no node, why its containers wait, and how they ended, as an Event would say it."""
    name = f"Pod/{pod['metadata']['name']}"
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            said = str(condition.get("message") or "")
            yield Event(
                name, "Warning", str(condition.get("reason") or ""), said, condition.get("lastTransitionTime") or ""
            )
    for status in _statuses(pod):
        yield from _container_states(name, status)


def _container_states(pod: str, status: Mapping[str, Any]) -> Iterator[Event]:
    container, state, last = status["name"], status.get("state") or {}, status.get("lastState") or {}
    waiting = state.get("waiting")
    if waiting is not None and waiting.get("reason") not in _BEGINNING:
        said = f"container {container} waits: {waiting.get('message') or 'no reason given'}"
        yield Event(pod, "Warning", str(waiting.get("reason") or "Waiting"), said)
    for ended in (one["terminated"] for one in (state, last) if "terminated" in one):
        yield _end(pod, container, ended)


def _end(pod: str, container: str, ended: Mapping[str, Any]) -> Event:
    code = ended.get("exitCode")
    why = f": {ended['message']}" if ended.get("message") else ""
    said = f"container {container} ended with exit code {code}{why}"
    reason, time = str(ended.get("reason") or "Ended"), ended.get("finishedAt") or ""
    return Event(pod, "Warning" if code else "Normal", reason, said, time)


def _statuses(pod: Manifest) -> Iterator[Mapping[str, Any]]:
    status = pod.get("status") or {}
    for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        yield from status.get(key) or ()
