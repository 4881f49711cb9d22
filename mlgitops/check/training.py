"""Rules about a pipeline's training, by the kind of job that the Target has for it. Pure.

For jobs of Training Operator v1 they hold what its webhooks hold (v1.9.3, ``pkg/webhooks``) as far as a spec can break
it: names, replicas and containers are ours to render.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import components, storage
from mlgitops.finding import Finding, Severity
from mlgitops.spec.pipeline import Training
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.training_jobs import TRAIN_JOB, job_kind, uses_training_operator
from mlgitops.spec.versions import at_least

POLICY_CODES = frozenset({"deadline-not-kept"})

OLDEST_TRAINER = "2.0"
"""The first with TrainJobs."""
OLDEST_TRAINING_OPERATOR = "1.7"
"""From here on Kueue can hold a job back (``runPolicy.suspend``), and ``nprocPerNode`` is a field of its own."""
OLDEST_KUEUE = "0.5"
"""The oldest with priorities of its own and with an integration of the jobs of Training Operator."""
OLDEST_KUEUE_FOR_TRAIN_JOBS = "0.14"
"""The first that knows TrainJobs (Kueue's CHANGELOG-0.14.md); an older one would let them pass its quota."""


def check(resolved: ResolvedPipeline, training: Training) -> Iterator[Finding]:
    """Findings about the training of a pipeline."""
    for field, uri in (("dataset", training.dataset), ("baseModel", training.base_model)):
        if uri is not None:
            yield from storage.check(resolved, ("training", field), uri)
    installed = resolved.place.spec.components
    if uses_training_operator(installed):
        yield from components.check(resolved, ("training",), "trainingOperator", OLDEST_TRAINING_OPERATOR, "training")
        yield from _only_in_trainer(resolved, training)
    else:
        yield from components.check(resolved, ("training",), "trainer", OLDEST_TRAINER, "training")
        if installed.trainer is not None:
            yield from _train_job(resolved, training, installed.trainer)


def check_queue(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the queue that admits what the pipeline runs, and about its priority there."""
    spec = resolved.spec
    if spec.queue is not None:
        yield from components.check(resolved, ("queue",), "kueue", *_need_of_queue(resolved))
    elif spec.priority is not None:
        yield resolved.finding(
            "priority-without-queue", ("priority",), "a priority has a meaning only among what waits in a queue",
            help="add queue, the LocalQueue of Kueue that admits it, or remove priority",
        )  # fmt: skip


def _need_of_queue(resolved: ResolvedPipeline) -> tuple[str, str]:
    training, installed = resolved.spec.training, resolved.place.spec.components
    if training is not None and job_kind(training, installed) == TRAIN_JOB:
        return OLDEST_KUEUE_FOR_TRAIN_JOBS, "a queue for a TrainJob"
    return OLDEST_KUEUE, "a queue"


def _only_in_trainer(resolved: ResolvedPipeline, training: Training) -> Iterator[Finding]:
    kind = job_kind(training, resolved.place.spec.components)
    for field, uri in (("dataset", training.dataset), ("baseModel", training.base_model)):
        if uri is not None:
            yield resolved.finding(
                "initializer-needs-trainer", ("training", field),
                f"a {kind} fetches nothing before it starts; Kubeflow Trainer does, which target "
                f"{resolved.place.target} does not have",
                help="have the training fetch it, or train on a target with Kubeflow Trainer",
            )  # fmt: skip
    if training.processes_per_node is not None and kind != "PyTorchJob":
        yield resolved.finding(
            "processes-not-supported", ("training", "processesPerNode"), f"a {kind} has one process a node",
            help="remove processesPerNode, and have the program start its processes",
        )  # fmt: skip


def _train_job(resolved: ResolvedPipeline, training: Training, trainer: str) -> Iterator[Finding]:
    if resolved.place.spec.cloud == "azure" and resolved.spec.identity is not None and not at_least(trainer, "2.1"):
        yield from components.check(resolved, ("identity",), "trainer", "2.1", "an identity for training on azure")
    if not resolved.spec.is_workflow and "deadline" in resolved.spec.model_fields_set and not at_least(trainer, "2.2"):
        yield resolved.finding(
            "deadline-not-kept", ("deadline",),
            f"a TrainJob has no deadline before Kubeflow Trainer 2.2; this target has {trainer}",
            help="add a step, so that the training runs within a workflow, whose deadline stops it",
            severity=Severity.WARNING,
        )  # fmt: skip
    if training.framework != "pytorch" and "runtime" not in training.model_fields_set:
        yield resolved.finding(
            "runtime-missing", ("training", "framework"),
            f"a TrainJob for {training.framework} needs a runtime that has it; {training.runtime} is for PyTorch",
            help="set training.runtime to a ClusterTrainingRuntime of the target",
        )  # fmt: skip
