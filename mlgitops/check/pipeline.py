"""Rules about pipelines: what they need, what they run, and when. The graph has rules of its own in ``graph``. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import (
    artifacts,
    braces,
    components,
    graph,
    images,
    outcome,
    parameters,
    resources,
    schedule,
    step_kinds,
    training,
    tuning,
    variables,
)
from mlgitops.check.batch import OLDEST_ARGO
from mlgitops.check.references import unknown_identity
from mlgitops.finding import Finding
from mlgitops.spec.placeholders import containers, plain_texts
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline

POLICY_CODES = images.POLICY_CODES | training.POLICY_CODES


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about a pipeline at one target."""
    if not resolved.spec.steps and resolved.spec.training is None:
        yield resolved.finding("pipeline-empty", (), "the pipeline has neither steps nor training",
                               help="add spec.steps, spec.training, or both")  # fmt: skip
        return
    yield from _components(resolved)
    yield from graph.check(resolved)
    yield from artifacts.check(resolved)
    yield from parameters.check(resolved, resolved.spec.parameters, resolved.provenance.merged)
    yield from parameters.check_uses(resolved)
    yield from parameters.check_run(resolved)
    yield from unknown_identity(resolved, ("identity",), resolved.spec.identity)
    yield from _containers(resolved)
    yield from braces.check(resolved, _texts(resolved))
    yield from _schedule(resolved)
    if resolved.spec.training is not None:
        yield from training.check(resolved, resolved.spec.training)
    yield from tuning.check(resolved)
    yield from step_kinds.check(resolved)
    yield from outcome.check(resolved)


def _components(resolved: ResolvedPipeline) -> Iterator[Finding]:
    if resolved.spec.is_workflow:
        place = next(name for name in ("steps", "evaluation", "registration") if getattr(resolved.spec, name))
        yield from components.check(resolved, (place,), "argoWorkflows", OLDEST_ARGO, "a pipeline with steps")
    yield from training.check_queue(resolved)


def _containers(resolved: ResolvedPipeline) -> Iterator[Finding]:
    for pointer, _, container, _ in containers(resolved.spec):
        if "{{" not in container.image and not resolved.is_of_template((*pointer, "image")):
            # Of images of templates step_templates tells, and of those that are built step_kinds.
            yield from images.check(resolved, (*pointer, "image"), container.image)
        yield from resources.check(resolved, (*pointer, "resources"), container.resources)
        yield from variables.check(resolved, (*pointer, "env"), container.env)


def _texts(resolved: ResolvedPipeline) -> Iterator[tuple[Pointer, str | None]]:
    """Texts that come into the WorkflowTemplate and may hold no placeholder."""
    spec = resolved.spec
    for index, parameter in enumerate(spec.parameters):
        yield ("parameters", index, "value"), parameter.value
        yield ("parameters", index, "description"), parameter.description
        yield from ((("parameters", index, "enum", i), choice) for i, choice in enumerate(parameter.enum))
    if spec.run is not None:
        yield from ((("run", "parameters", name), value) for name, value in spec.run.parameters.items())
    for pointer, _, container, _ in containers(spec):
        yield from (((*pointer, *place), text) for place, text in plain_texts(container))
    if spec.training is not None:
        yield ("training", "dataset"), spec.training.dataset
        yield ("training", "baseModel"), spec.training.base_model


def _schedule(resolved: ResolvedPipeline) -> Iterator[Finding]:
    plan = resolved.spec.schedule
    if plan is None:
        return
    yield from schedule.check(resolved, ("schedule", "cron"), plan.cron, ("schedule", "timezone"), plan.timezone)
    if not resolved.spec.is_workflow:
        yield resolved.finding(
            "schedule-without-steps", ("schedule",), "a pipeline of training alone runs once for each change in Git",
            help="add a step, such as one that fetches new data; the training then runs within it",
        )  # fmt: skip
    for index, parameter in enumerate(resolved.spec.parameters):
        if parameter.value is None and resolved.spec.is_workflow:
            yield resolved.finding(
                "parameter-without-value", ("parameters", index),
                f"parameter '{parameter.name}' has no value, and nobody gives one to a scheduled run",
                help="add value to the parameter",
            )  # fmt: skip
