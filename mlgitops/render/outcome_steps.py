"""What a run ends with: the evaluation, the evidence that is made of it, and the release that is proposed. Pure.

The last two run mlgitops, with arguments alone and no shell. They get files as raw artifacts, which need no artifact
repository: the text of an output of another step, which Argo keeps with the workflow.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.render import registration_step
from mlgitops.render.own_steps import FOLDER, own_fields, release_version
from mlgitops.render.step_container import arguments, container_fields, inputs
from mlgitops.render.tags import in_template
from mlgitops.spec.outcome import Bound, Evaluation, Registration
from mlgitops.spec.placeholders import (
    EVALUATION_STEP,
    EVIDENCE_STEP,
    REGISTRATION_STEP,
    OutputUse,
    output_uses,
    uses_in,
)
from mlgitops.spec.placeholders import tasks as all_tasks
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline

SOURCES = {
    "spec.templates.[evaluate].*": "evaluation",
    "spec.templates.[evidence].*": "evaluation",
    "spec.templates.[register].*": "registration",
    "spec.templates.dag.tasks.[evaluate].*": "evaluation",
    "spec.templates.dag.tasks.[evidence].*": "evaluation",
    "spec.templates.dag.tasks.[register].*": "registration",
}

METRICS_FILE = f"{FOLDER}/metrics.json"
_WRITTEN_EVIDENCE = "/tmp/evidence.json"  # noqa: S108 - of the container


def tasks(resolved: ResolvedPipeline) -> None:
    """Adds the tasks that follow the evaluation to the graph whose context is open."""
    if resolved.spec.evaluation is not None:
        _evidence_task(resolved, resolved.spec.evaluation)
    if resolved.spec.registration is not None:
        _registration_task(resolved, resolved.spec.registration)


def _evidence_task(resolved: ResolvedPipeline, evaluation: Evaluation) -> None:
    from hera.workflows import Parameter, Task

    uses = _evidence_uses(resolved, evaluation)
    metrics = Parameter(name="metrics", value=f"{{{{tasks.{EVALUATION_STEP}.outputs.parameters.metrics}}}}")
    Task(
        name=EVIDENCE_STEP,
        template=EVIDENCE_STEP,
        depends=" && ".join(sorted({EVALUATION_STEP, *(use.step for use in uses)})),
        arguments=[metrics, *arguments(uses)],
    )


def _registration_task(resolved: ResolvedPipeline, registration: Registration) -> None:
    from hera.workflows import Parameter, Task

    names = {name for _, name, _, _ in all_tasks(resolved.spec)} - {REGISTRATION_STEP}
    evidence = [EVIDENCE_STEP] if resolved.spec.evaluation else []
    value = f"{{{{tasks.{EVIDENCE_STEP}.outputs.parameters.evidence}}}}"
    Task(
        name=REGISTRATION_STEP,
        template=REGISTRATION_STEP,
        depends=" && ".join(sorted({*names, *evidence})) or None,
        arguments=[*(Parameter(name=name, value=value) for name in evidence), *arguments(output_uses(registration))],
    )


def templates(resolved: ResolvedPipeline) -> None:
    """Adds the templates to the workflow whose context is open."""
    if resolved.spec.evaluation is not None:
        _evaluate(resolved, resolved.spec.evaluation)
        _evidence(resolved, resolved.spec.evaluation)
    if resolved.spec.registration is not None:
        registration_step.template(resolved, resolved.spec.registration)


def _evaluate(resolved: ResolvedPipeline, evaluation: Evaluation) -> None:
    from hera.workflows import Container, Parameter, models

    Container(
        name=EVALUATION_STEP,
        inputs=inputs(output_uses(evaluation)),
        outputs=[Parameter(name="metrics", value_from=models.ValueFrom(path=evaluation.metrics))],
        active_deadline_seconds=seconds(evaluation.timeout) if evaluation.timeout else None,
        **container_fields(resolved, evaluation),
    )


def _evidence(resolved: ResolvedPipeline, evaluation: Evaluation) -> None:
    from hera.workflows import Container, Parameter, RawArtifact, models

    given = ["evidence", "begin", resolved.spec.model or "", f"--version={release_version(resolved)}"]
    digest = [f"--data-digest={in_template(evaluation.data_digest)}"] if evaluation.data_digest else []
    found = Parameter(name="evidence", value_from=models.ValueFrom(path=_WRITTEN_EVIDENCE), global_name="evidence")
    Container(
        name=EVIDENCE_STEP,
        inputs=[
            Parameter(name="metrics"),
            *inputs(_evidence_uses(resolved, evaluation)),
            RawArtifact(name="metrics", path=METRICS_FILE, data="{{inputs.parameters.metrics}}"),
        ],
        outputs=[found],
        args=[*given, f"--from={METRICS_FILE}", *_bounds(evaluation), *digest, f"--to={_WRITTEN_EVIDENCE}"],
        **own_fields(resolved),
    )


def _bounds(evaluation: Evaluation) -> Iterator[str]:
    for bound in evaluation.bounds:
        yield from _bound(bound)


def _bound(bound: Bound) -> Iterator[str]:
    if bound.min is not None:
        yield f"--at-least={bound.metric}={bound.min!r}"
    if bound.max is not None:
        yield f"--at-most={bound.metric}={bound.max!r}"


def _evidence_uses(resolved: ResolvedPipeline, evaluation: Evaluation) -> list[OutputUse]:
    """What the evidence takes from other steps: the version, and the digest of the data."""
    registration = resolved.spec.registration
    version = registration.version if registration else None
    return uses_in(text for text in (version, evaluation.data_digest) if text)
