"""What of a job Kueue lets nobody change once it has admitted it: its queue and its priority. Pure.

Kueue's webhook refuses another queue for a job that it does not hold back, one that has ended included (its source,
v0.14.0, ``pkg/controller/jobframework/validation.go``; other priorities from v0.15 on are taken). Such a job keeps what
it was admitted with, and what Git says is for the next one; without this no apply would succeed any more.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Identity, Manifest
from mlgitops.plan.health.runs import TRAINING_KINDS

_JOBS = frozenset({
    ("batch", "Job"), ("jobset.x-k8s.io", "JobSet"), ("trainer.kubeflow.org", "TrainJob"),
    *(("kubeflow.org", kind) for kind in TRAINING_KINDS),
})  # fmt: skip
_LABELS = ("/metadata/labels/kueue.x-k8s.io~1queue-name", "/metadata/labels/kueue.x-k8s.io~1priority-class")


def kept_pointers(one: Identity, live: Manifest) -> tuple[str, ...]:
    """JSON pointers to what a live job keeps; none for other kinds, and none while Kueue holds the job back.

    None for a job in a file either: an API server has given every object of its own managedFields.
    """
    if (one.group, one.kind) not in _JOBS or _is_held(live) or not live["metadata"].get("managedFields"):
        return ()
    return _LABELS


def _is_held(live: Manifest) -> bool:
    spec: Any = live.get("spec")
    policy = spec.get("runPolicy") if isinstance(spec, dict) else None
    return any(isinstance(part, dict) and part.get("suspend") is True for part in (spec, policy))
