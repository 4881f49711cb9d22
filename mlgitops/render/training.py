"""Training of a pipeline that has no steps: a job that Git alone starts. Pure.

The specification of such a job cannot be changed, so that its name carries a hash of it: a changed pipeline is a new
job, and each change in Git trains once.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest, digest
from mlgitops.render import training_job, training_operator
from mlgitops.render.argo import queue_labels
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.render.service_account import service_account
from mlgitops.render.training_job import COMPONENT, Job, base_name
from mlgitops.spec.placeholders import with_values
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.training_jobs import TRAIN_JOB

SOURCES = {**ACCOUNT_SOURCES, **training_job.SOURCES}


def render(resolved: ResolvedPipeline) -> list[Manifest]:
    """The manifests of a pipeline of training alone: the job, and an account where an identity is named."""
    training = resolved.spec.training
    if training is None:  # refused by check before
        raise ValueError(f"pipeline {resolved.name} has neither steps nor training")
    account = service_account(resolved, resolved.spec.identity)
    job = training_job.job(resolved, training, lambda text: _with_values(resolved, text))
    return [*([] if account is None else [account]), _named(resolved, job)]


def _named(resolved: ResolvedPipeline, job: Job) -> Manifest:
    metadata = object_metadata(resolved, f"{base_name(resolved)}-{suffix(resolved, job.spec)}", component=COMPONENT)
    metadata["labels"] |= queue_labels(resolved.spec.queue, resolved.spec.priority)
    spec = job.spec if job.kind == TRAIN_JOB else training_operator.removed_after_its_time(resolved, job.spec)
    return {"apiVersion": job.api_version, "kind": job.kind, "metadata": metadata, "spec": spec}


def suffix(resolved: ResolvedPipeline, content: Any) -> str:
    """What a name ends with, so that another content, and another run of it, has another name: 8 characters."""
    number = [resolved.spec.run.number] if resolved.spec.run else []
    return digest([resolved.name, content, *number]).removeprefix("sha256:")[:8]


def _with_values(resolved: ResolvedPipeline, text: str) -> str:
    """The text with parameters replaced by their values: Git alone gives values to a job that it starts."""
    return with_values(text, resolved.spec.values)
