"""Health of what runs once: Job, JobSet, TrainJob, the jobs of Training Operator v1, Workflow.

A run that has started is ready: nobody waits hours for a training to end in order to know that it was applied. Whether
it has ended is a question of its own.
"""

from __future__ import annotations

from enum import StrEnum

from mlgitops.manifest import Identity, Manifest
from mlgitops.plan.health.fields import Block, block, blocks, conditions, is_true, number, since, text, words
from mlgitops.plan.health.state import Health, failed, progressing, ready, suspended

TRAINING_KINDS = ("JAXJob", "MPIJob", "PaddleJob", "PyTorchJob", "TFJob", "XGBoostJob")
"""Kinds of Training Operator v1, group ``kubeflow.org``."""
RUN_ONCE = frozenset({
    ("batch", "Job"), ("jobset.x-k8s.io", "JobSet"), ("trainer.kubeflow.org", "TrainJob"), ("argoproj.io", "Workflow"),
    ("kubeflow.org", "Experiment"), *(("kubeflow.org", kind) for kind in TRAINING_KINDS),
})  # fmt: skip
"""Group and kind of what runs once, ends, and may then remove itself."""

_SUCCEEDED = ("Complete", "Completed", "Succeeded")
_PHASES = {"Succeeded": "succeeded", "Failed": "failed", "Error": "failed"}


class End(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


def is_run(identity: Identity) -> bool:
    """Whether the object runs once."""
    return (identity.group, identity.kind) in RUN_ONCE


def end_of(manifest: Manifest) -> End | None:
    """How a run ended; None while it has not."""
    if manifest.get("kind") == "Workflow":
        phase = _PHASES.get(text(block(manifest, "status"), "phase"))
        return End(phase) if phase else None
    found = conditions(manifest)
    if any(is_true(found.get(name)) for name in _SUCCEEDED):
        return End.SUCCEEDED
    return End.FAILED if is_true(found.get("Failed")) else None


def job(manifest: Manifest) -> Health:
    """A run that tells its end by conditions: Job, JobSet, TrainJob, and those of Training Operator v1."""
    found = conditions(manifest)
    end = end_of(manifest)
    if end is End.FAILED:
        return failed(words(found["Failed"]), since(found["Failed"]))
    if end is End.SUCCEEDED:
        name = next(name for name in _SUCCEEDED if is_true(found.get(name)))
        return ready("it completed", since(found[name]))
    return _unfinished(manifest, found)


def _unfinished(manifest: Manifest, found: dict[str, Block]) -> Health:
    held = found.get("Suspended")
    if is_true(held):
        return suspended(words(held or {}), since(held))
    if is_true(found.get("Restarting")):
        return progressing(words(found["Restarting"]), since(found["Restarting"]))
    running = _running(manifest, found)
    if running is not None:
        return running
    # Trainer 2.0 says by Created: False that the jobs of a TrainJob could not be made.
    created = found.get("Created")
    waiting = words(created) if created and not is_true(created) else "it has not started yet"
    return progressing(waiting, since(created))


def _running(manifest: Manifest, found: dict[str, Block]) -> Health | None:
    if is_true(found.get("Running")):
        return ready("it is running", since(found["Running"]))
    status = block(manifest, "status")
    parts = [status, *blocks(status, "jobsStatus"), *blocks(status, "replicatedJobsStatus")]
    active = sum(number(part, "active") for part in parts)
    return ready(f"it is running, {active} active", text(status, "startTime")) if active else None


def workflow(manifest: Manifest) -> Health:
    """A Workflow of Argo, by its phase."""
    status = block(manifest, "status")
    phase, message = text(status, "phase"), text(status, "message")
    match end_of(manifest):
        case End.SUCCEEDED:
            return ready("it completed", text(status, "finishedAt"))
        case End.FAILED:
            return failed(f"{phase}: {message}" if message else phase, text(status, "finishedAt"))
    if block(manifest, "spec").get("suspend") is True:
        return suspended("spec.suspend is set", text(status, "startedAt"))
    if phase == "Running":
        done = text(status, "progress")
        return ready(f"it is running, {done} done" if done else "it is running", text(status, "startedAt"))
    return progressing(message or "it has not started yet")
