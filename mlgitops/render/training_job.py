"""The job that a pipeline trains with, of the kind that its Target has. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from mlgitops.render import train_job, training_operator
from mlgitops.render.argo import queue_labels
from mlgitops.render.container import Write
from mlgitops.render.metadata import object_labels
from mlgitops.spec.pipeline import Training
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.training_jobs import TRAIN_JOB, job_kind

COMPONENT = "training"

LONGEST_BASE = 24
"""Of a job's name, what is left for the pipeline's: JobSet refuses a job whose pods' names would pass 63 characters,
and the longest that it adds is ``-dataset-initializer-0-0-`` and 5 more; our own suffix is a dash and 8."""

SOURCES = {
    kind: {
        **paths,
        "metadata.labels.kueue.x-k8s.io/queue-name": "queue",
        "metadata.labels.kueue.x-k8s.io/priority-class": "priority",
    }
    for kind, paths in {**train_job.SOURCES, **training_operator.SOURCES}.items()
}


class Job(NamedTuple):
    """A kind of job, as the API names it, and the specification of one."""

    api_version: str
    kind: str
    spec: dict[str, Any]

    @property
    def group(self) -> str:
        """The kind's group."""
        return self.api_version.partition("/")[0]

    @property
    def plural(self) -> str:
        """How the API names the kind in paths and rights."""
        return f"{self.kind.lower()}s"


def job(resolved: ResolvedPipeline, training: Training, write: Write) -> Job:
    """The job of a training, whose texts are written by ``write``."""
    kind = job_kind(training, resolved.place.spec.components)
    if kind == TRAIN_JOB:
        return Job(train_job.API_VERSION, kind, train_job.train_job_spec(resolved, training, write))
    return Job(training_operator.API_VERSION, kind, training_operator.job_spec(resolved, training, write, kind))


def base_name(resolved: ResolvedPipeline) -> str:
    """The pipeline's name, cut to what a job's name has room for."""
    return resolved.name[:LONGEST_BASE].rstrip("-")


def job_labels(resolved: ResolvedPipeline) -> dict[str, str]:
    """Labels of a job that a pipeline's run creates."""
    return {**object_labels(resolved, COMPONENT), **queue_labels(resolved.spec.queue, resolved.spec.priority)}
