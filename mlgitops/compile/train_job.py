"""A TrainJob of Kubeflow Trainer v2 as a Pipeline of training alone. Pure.

Source of the fields: ``pkg/apis/trainer/v1alpha1`` of Kubeflow Trainer v2.2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.compile.imported import Spec, metadata_of, variables
from mlgitops.compile.notes import Notes
from mlgitops.compile.quantities import duration, resources
from mlgitops.compile.written import Where

_QUEUE = {"queue": "kueue.x-k8s.io/queue-name", "priority": "kueue.x-k8s.io/priority-class"}


def is_train_job(data: Any) -> bool:
    """Whether this is a TrainJob."""
    return (
        isinstance(data, Mapping)
        and str(data.get("apiVersion")).startswith("trainer.kubeflow.org/")
        and data.get("kind") == "TrainJob"
    )


def pipeline(data: Mapping[str, Any], classes: Mapping[str, str], notes: Notes, where: Where) -> Spec:
    """The Pipeline of a TrainJob."""
    metadata, spec = data.get("metadata") or {}, data.get("spec") or {}
    trainer, initializer = spec.get("trainer") or {}, spec.get("initializer") or {}
    labels, deadline = metadata.get("labels") or {}, spec.get("activeDeadlineSeconds")
    notes.elsewhere(
        where.at("metadata", "name"),
        f"the job of {where.named} gets a digest at the end of its name",
        "a changed pipeline is a new job, since no job can be changed",
    )
    place = where.at("spec", "trainer", "resourcesPerNode")
    training = {
        "runtime": (spec.get("runtimeRef") or {}).get("name"),
        **{field: trainer.get(field) for field in ("image", "command", "args")},
        "env": variables(trainer),
        "nodes": trainer.get("numNodes"),
        "processesPerNode": trainer.get("numProcPerNode"),
        "resources": resources(trainer.get("resourcesPerNode") or {}, classes, notes, place),
        "dataset": (initializer.get("dataset") or {}).get("storageUri"),
        "baseModel": (initializer.get("model") or {}).get("storageUri"),
    }
    more = {field: labels.get(label) for field, label in _QUEUE.items()}
    more["deadline"] = duration(int(deadline)) if deadline else None
    return Spec("Pipeline", str(metadata.get("name") or ""), {**more, "training": training}, metadata_of(data))
