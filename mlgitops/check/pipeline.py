"""Rules about pipelines: what they need, what they run, and when. The graph has rules of its own in ``graph``. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import braces, components, graph, images, resources, schedule, storage, variables
from mlgitops.check.batch import OLDEST_ARGO
from mlgitops.check.references import unknown_identity
from mlgitops.finding import Finding, Severity
from mlgitops.spec.pipeline import Training
from mlgitops.spec.placeholders import containers
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.versions import at_least

POLICY_CODES = images.POLICY_CODES | {"deadline-not-kept"}

OLDEST_TRAINER = "2.0"
"""The first with TrainJobs."""


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about a pipeline at one target."""
    if not resolved.spec.steps and resolved.spec.training is None:
        yield resolved.finding("pipeline-empty", (), "the pipeline has neither steps nor training",
                               help="add spec.steps, spec.training, or both")  # fmt: skip
        return
    yield from _components(resolved)
    yield from graph.check(resolved)
    yield from unknown_identity(resolved, ("identity",), resolved.spec.identity)
    yield from _containers(resolved)
    yield from braces.check(resolved, _texts(resolved))
    yield from _schedule(resolved)
    if resolved.spec.training is not None:
        yield from _training(resolved, resolved.spec.training)


def _components(resolved: ResolvedPipeline) -> Iterator[Finding]:
    if resolved.spec.steps:
        yield from components.check(resolved, ("steps",), "argoWorkflows", OLDEST_ARGO, "a pipeline with steps")
    if resolved.spec.training is not None:
        yield from components.check(resolved, ("training",), "trainer", OLDEST_TRAINER, "training")
    if resolved.spec.queue is not None:
        yield from components.check(resolved, ("queue",), "kueue", "0.5", "a queue")


def _containers(resolved: ResolvedPipeline) -> Iterator[Finding]:
    for pointer, _, container, _ in containers(resolved.spec):
        yield from images.check(resolved, (*pointer, "image"), container.image)
        yield from resources.check(resolved, (*pointer, "resources"), container.resources)
        yield from variables.check(resolved, (*pointer, "env"), container.env)


def _texts(resolved: ResolvedPipeline) -> Iterator[tuple[Pointer, str | None]]:
    """Texts that come into the WorkflowTemplate and may hold no placeholder."""
    spec = resolved.spec
    for index, parameter in enumerate(spec.parameters):
        yield ("parameters", index, "value"), parameter.value
        yield ("parameters", index, "description"), parameter.description
    for index, step in enumerate(spec.steps):
        yield from ((("steps", index, "outputs", i, "path"), output.path) for i, output in enumerate(step.outputs))
    for pointer, _, container, _ in containers(spec):
        for i, variable in enumerate(container.env):
            if variable.from_secret is not None:
                yield (*pointer, "env", i, "fromSecret", "key"), variable.from_secret.key
    if spec.training is not None:
        yield ("training", "dataset"), spec.training.dataset
        yield ("training", "baseModel"), spec.training.base_model


def _schedule(resolved: ResolvedPipeline) -> Iterator[Finding]:
    plan = resolved.spec.schedule
    if plan is None:
        return
    yield from schedule.check(resolved, ("schedule", "cron"), plan.cron, ("schedule", "timezone"), plan.timezone)
    if not resolved.spec.steps:
        yield resolved.finding(
            "schedule-without-steps", ("schedule",), "a pipeline of training alone runs once for each change in Git",
            help="add a step, such as one that fetches new data; the training then runs within it",
        )  # fmt: skip
    for index, parameter in enumerate(resolved.spec.parameters):
        if parameter.value is None and resolved.spec.steps:
            yield resolved.finding(
                "parameter-without-value", ("parameters", index),
                f"parameter '{parameter.name}' has no value, and nobody gives one to a scheduled run", help="add value",
            )  # fmt: skip


def _training(resolved: ResolvedPipeline, training: Training) -> Iterator[Finding]:
    for field, uri in (("dataset", training.dataset), ("baseModel", training.base_model)):
        if uri is not None:
            yield from storage.check(resolved, ("training", field), uri)
    trainer = resolved.place.spec.components.trainer
    if trainer is None:
        return
    if resolved.place.spec.cloud == "azure" and resolved.spec.identity is not None and not at_least(trainer, "2.1"):
        yield from components.check(resolved, ("identity",), "trainer", "2.1", "an identity for training on azure")
    if not resolved.spec.steps and "deadline" in resolved.spec.model_fields_set and not at_least(trainer, "2.2"):
        yield resolved.finding(
            "deadline-not-kept", ("deadline",),
            f"a TrainJob has no deadline before Kubeflow Trainer 2.2; this target has {trainer}",
            help="add a step, so that the training runs within a workflow, whose deadline stops it",
            severity=Severity.WARNING,
        )  # fmt: skip
