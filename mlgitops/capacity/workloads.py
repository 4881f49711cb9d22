"""What each kind of object runs: pods of one sort times replicas, all the time or now and then. Pure.

Kinds that are not known by name are looked through for pods and blocks of resources, times the replicas that stand
nearest above them. Sources: the API references of Kubernetes v1.34, JobSet v0.10, Kubeflow Trainer v2.1, Training
Operator v1.9, Katib v0.19, Spark Operator v2.2 (whose memory is in the JVM's units) and KEDA v2.18 (its defaults).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from mlgitops.capacity.pods import Asked, Classes, classified, of_pod, of_resources, quantity, times, together

WORKFLOWS = frozenset({"Workflow", "WorkflowTemplate", "CronWorkflow", "ClusterWorkflowTemplate"})
JOBS = WORKFLOWS | {
    "CronJob", "Experiment", "Job", "JobSet", "MPIJob", "PaddleJob", "PyTorchJob", "RayJob",
    "ScheduledSparkApplication", "SparkApplication", "TFJob", "TrainJob", "XGBoostJob",
}  # fmt: skip
"""Kinds that run now and then."""
_PATTERNS = frozenset({
    "ClusterServingRuntime", "ClusterTrainingRuntime", "CustomResourceDefinition", "LLMInferenceServiceConfig",
    "PodTemplate", "ServingRuntime", "TrainingRuntime",
})  # fmt: skip
"""Kinds that run nothing by themselves."""
_FEWEST = ("minReplicas", "replicas", "numNodes", "parallelism")
_MOST = ("maxReplicas", "replicas", "numNodes", "parallelism")
_CHANGES_AROUND = frozenset({*_FEWEST, *_MOST, "nodeSelector"})
_JVM_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
Place = tuple[Any, Any, Any]
"""Namespace, kind and name."""
Scaled = Mapping[Place, tuple[int, int]]
"""The fewest and the most replicas of what an object of its own scales."""


class Part(NamedTuple):
    """What one pod (of a job, all its pods of one sort) asks for, and the fewest and the most of them that run."""

    asked: Asked
    least: int
    most: int


class _Around(NamedTuple):
    """What holds for what is within: replicas, and the nodes."""

    least: int
    most: int
    selector: Mapping[str, Any]


def parts(manifest: Mapping[str, Any], classes: Classes, scaled: Scaled) -> list[Part]:
    """What one object runs; of workflows see ``workflows``."""
    kind, spec = manifest.get("kind"), manifest.get("spec")
    if kind in _PATTERNS or kind in WORKFLOWS or not isinstance(spec, Mapping):
        return []
    if kind in _OWN:
        return list(_OWN[kind](spec, classes))
    least, most = scaled.get(place(manifest), (1, 1))
    return list(_walk(spec, _Around(least, max(least, most), {}), classes))


def scaled_by(manifests: Iterable[Mapping[str, Any]]) -> dict[Place, tuple[int, int]]:
    """What ScaledObjects and HorizontalPodAutoscalers say of the replicas of others."""
    found = {}
    for manifest in manifests:
        spec = manifest.get("spec")
        if manifest.get("kind") in _SCALERS and isinstance(spec, Mapping):
            names, least, most = _SCALERS[manifest["kind"]]
            reference = spec.get("scaleTargetRef") or {}
            one = place(manifest, reference.get("kind", "Deployment"), reference.get("name"))
            found[one] = _whole(spec, names[:1], least), _whole(spec, names[1:], most)
    return found


_SCALERS: Mapping[str, tuple[tuple[str, str], int, int]] = {
    "ScaledObject": (("minReplicaCount", "maxReplicaCount"), 0, 100),
    "HorizontalPodAutoscaler": (("minReplicas", "maxReplicas"), 1, 1),
}


def place(manifest: Mapping[str, Any], kind: Any = None, name: Any = None) -> Place:
    """Where an object is, or another one beside it."""
    metadata = manifest.get("metadata") or {}
    return metadata.get("namespace"), kind or manifest.get("kind"), name or metadata.get("name")


_LEAVES = (str, int, float, type(None))
"""Types of values that hold nothing."""


def _walk(value: Any, around: _Around, classes: Classes) -> Iterator[Part]:
    if isinstance(value, list | tuple):
        for item in value:
            if not isinstance(item, _LEAVES):
                yield from _walk(item, around, classes)
    if not isinstance(value, Mapping):
        return
    around = _within(value, around)
    if isinstance(value.get("containers"), list | tuple):
        yield _part(of_pod(value), around, classes)
    for key, inner in value.items():
        if key == "resources" and isinstance(inner, Mapping):
            yield _part(of_resources(inner), around, classes)
        elif key not in ("containers", "initContainers") and not isinstance(inner, _LEAVES):
            yield from _walk(inner, around, classes)


def _within(value: Mapping[str, Any], around: _Around) -> _Around:
    if _CHANGES_AROUND.isdisjoint(value):
        return around
    least = _whole(value, _FEWEST, around.least)
    most = max(least, _whole(value, _MOST, around.most))
    selector = value.get("nodeSelector")
    return _Around(least, most, selector if isinstance(selector, Mapping) else around.selector)


def _part(asked: Asked, around: _Around, classes: Classes) -> Part:
    return Part(classified(asked, around.selector, classes), around.least, around.most)


def _cron_job(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    return _job(_block(spec, "jobTemplate", "spec"), classes)


def _job(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    pods = min(_whole(spec, ("parallelism",), 1), _whole(spec, ("completions",), 2**31))
    return _walk(spec.get("template"), _Around(pods, pods, {}), classes)


def _job_set(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    for one in spec.get("replicatedJobs") or ():
        number = _whole(one, ("replicas",), 1)
        for part in _job(_block(one, "template", "spec"), classes):
            yield Part(part.asked, part.least * number, part.most * number)


def _train_job(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    """The nodes that train; what a runtime adds to them is not known here."""
    trainer = _block(spec, "trainer")
    nodes = _whole(trainer, ("numNodes",), 1)
    patches = [spec.get(name) for name in ("runtimePatches", "podTemplateOverrides", "podSpecOverrides")]
    selector = {label: value for found in _selectors(patches) for label, value in found.items()}
    yield _part(of_resources(trainer.get("resourcesPerNode")), _Around(nodes, nodes, selector), classes)


def _selectors(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _selectors(item)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "nodeSelector" and isinstance(inner, Mapping):
                yield inner
            else:
                yield from _selectors(inner)


def _experiment(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    """As many trials as run side by side; Katib's default is 3."""
    number = min(_whole(spec, ("parallelTrialCount",), 3), _whole(spec, ("maxTrialCount",), 2**31))
    for part in parts(_block(spec, "trialTemplate", "trialSpec"), classes, {}):
        yield Part(part.asked, part.least * number, part.most * number)


def _scheduled_spark(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    return _spark(_block(spec, "template"), classes)


def _spark(spec: Mapping[str, Any], classes: Classes) -> Iterator[Part]:
    for name in ("driver", "executor"):
        pod = _block(spec, name)
        number = _whole(pod, ("instances",), 1)
        selector = _block(pod, "nodeSelector") or _block(spec, "nodeSelector")
        yield _part(_spark_pod(pod), _Around(number, number, selector), classes)


def _spark_pod(pod: Mapping[str, Any]) -> Asked:
    cores = quantity(pod.get("coreRequest", pod.get("cores", 1)))
    memory = _jvm(pod.get("memory")) + _jvm(pod.get("memoryOverhead"))
    gpu = _block(pod, "gpu")
    return {
        "cpu": cores or Decimal(0),
        **({"memory": memory} if memory else {}),
        **({str(gpu["name"]): quantity(gpu.get("quantity")) or Decimal(0)} if "name" in gpu else {}),
    }


def _jvm(size: Any) -> Decimal:
    """Memory as Spark writes it: ``512m`` are mebibytes."""
    found = re.fullmatch(r"([0-9]+)([bkmgt]?)b?", str(size).lower())
    return Decimal(int(found[1]) * _JVM_UNITS[found[2]]) if found else Decimal(0)


_OWN = {
    "CronJob": _cron_job, "Experiment": _experiment, "Job": _job, "JobSet": _job_set, "SparkApplication": _spark,
    "ScheduledSparkApplication": _scheduled_spark, "TrainJob": _train_job,
}  # fmt: skip


def _block(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The block at a path of names; empty where there is none."""
    found: Any = value
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _whole(value: Mapping[str, Any], names: Iterable[str], otherwise: int) -> int:
    return next((value[name] for name in names if type(value.get(name)) is int), otherwise)


def total(some: Iterable[Part]) -> Asked:
    """What all of them ask for, each with the most that run."""
    return together(*(times(part.asked, part.most) for part in some))
