"""The graph of a pipeline's steps as an Argo WorkflowTemplate, built with hera. Pure.

Names of templates cannot clash: those of steps start with ``step-``, and no other does. hera drops fields that it does
not know and takes wrong references without a word, so that ``check`` has looked at all of them before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgitops.manifest import Manifest
from mlgitops.render import artifacts, build_step, cache, outcome_steps, spark_step, training_step
from mlgitops.render.argo import pod_labels, retry_strategy
from mlgitops.render.container import POD_SECURITY_CONTEXT
from mlgitops.render.metadata import object_metadata
from mlgitops.render.step_container import arguments, container_fields, inputs
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import containers, needs, output_uses
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline

if TYPE_CHECKING:
    from hera.workflows import WorkflowTemplate

COMPONENT = "pipeline"
STOP = "stop"
ANNOTATION_STEP_TEMPLATE = "mlgitops.dev/step-template"
"""On the pods of a step that uses a template of the library, which one."""


def workflow_template(resolved: ResolvedPipeline, account: str) -> Manifest:
    """The WorkflowTemplate of a pipeline, whose pods run under ``account`` unless their template says otherwise."""
    with _workflow(resolved, account) as workflow:
        _graph(resolved)
        for step in resolved.spec.steps:
            _step(resolved, step)
        if any(step.spark for step in resolved.spec.steps):
            spark_step.stop_template(resolved)
        if resolved.spec.training is not None:
            training_step.templates(resolved, resolved.spec.training)
        outcome_steps.templates(resolved)
        _stop(resolved)
        manifest: Manifest = workflow.to_dict()  # inside the context: outside of it hera has forgotten the templates
    cache.complete(resolved, manifest)
    return manifest


def _stops(resolved: ResolvedPipeline) -> list[str]:
    """The templates that end what a run has started."""
    spark = any(step.spark for step in resolved.spec.steps)
    training = resolved.spec.training is not None
    return [name for name, there in ((training_step.STOP, training), (spark_step.STOP, spark)) if there]


def _stop(resolved: ResolvedPipeline) -> None:
    """A workflow has one template for its end, which runs the others side by side where there are several."""
    from hera.workflows import Step as StepOf
    from hera.workflows import Steps

    if len(stops := _stops(resolved)) > 1:
        with Steps(name=STOP) as steps, steps.parallel():
            for name in stops:
                StepOf(name=name, template=name)


def _workflow(resolved: ResolvedPipeline, account: str) -> WorkflowTemplate:
    from hera.workflows import WorkflowTemplate, models

    metadata, spec = object_metadata(resolved, component=COMPONENT), resolved.spec
    stops = _stops(resolved)
    parameters = [
        models.Parameter(name=p.name, description=p.description, value=p.value, enum=list(p.enum) or None)
        for p in spec.parameters
    ]
    return WorkflowTemplate(
        **metadata,
        entrypoint="main",
        on_exit=next(iter(stops), None) if len(stops) < 2 else STOP,
        service_account_name=account,
        active_deadline_seconds=seconds(spec.deadline),
        arguments=models.Arguments(parameters=parameters or None),
        ttl_strategy=models.TTLStrategy(seconds_after_completion=seconds(spec.keep)),
        pod_gc=models.PodGC(strategy="OnWorkflowSuccess"),
        pod_metadata=models.Metadata(labels=pod_labels(resolved, COMPONENT, spec.identity, spec.queue, spec.priority)),
        security_context=models.PodSecurityContext.model_validate(POD_SECURITY_CONTEXT),
    )


def _graph(resolved: ResolvedPipeline) -> None:
    """One task for each step and for the training; what a step uses of another is handed over as an argument."""
    from hera.workflows import DAG, Task, models

    with DAG(name="main"):
        for pointer, name, container, depends_on in containers(resolved.spec):
            Task(
                name=name,
                template=f"step-{name}" if pointer[0] == "steps" else name,
                depends=" && ".join(needs(container, depends_on)) or None,
                arguments=[
                    *arguments(output_uses(container)),
                    *(models.Artifact.model_validate(each) for each in artifacts.of_arguments(container)),
                ],
            )
        outcome_steps.tasks(resolved)


def _step(resolved: ResolvedPipeline, step: Step) -> None:
    if step.spark is not None:
        spark_step.template(resolved, step, step.spark)
    elif step.build is not None:
        build_step.template(resolved, step, step.build, cache.memoize(resolved, step))
    else:
        _container_step(resolved, step)


def _container_step(resolved: ResolvedPipeline, step: Step) -> None:
    from hera.workflows import Container as ContainerTemplate
    from hera.workflows import Parameter, models

    ContainerTemplate(
        name=f"step-{step.name}",
        inputs=[
            *inputs(output_uses(step)),
            *(models.Artifact.model_validate(each) for each in artifacts.of_inputs(resolved, step)),
        ],
        outputs=[
            *(Parameter(name=o.name, value_from=models.ValueFrom(path=o.path)) for o in step.outputs),
            *(models.Artifact.model_validate(each) for each in artifacts.of_outputs(step)),
        ],
        annotations={ANNOTATION_STEP_TEMPLATE: step.uses} if step.uses else None,
        **container_fields(resolved, step),
        retry_strategy=models.RetryStrategy.model_validate(retry_strategy(step.retries)) if step.retries else None,
        active_deadline_seconds=seconds(step.timeout) if step.timeout else None,
        memoize=cache.memoize(resolved, step),
    )
