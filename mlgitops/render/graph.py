"""The graph of a pipeline's steps as an Argo WorkflowTemplate, built with hera. Pure.

Names of templates cannot clash: those of steps start with ``step-``, and no other does. hera drops fields that it does
not know and takes wrong references without a word, so that ``check`` has looked at all of them before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgitops.manifest import Manifest
from mlgitops.render import training_step
from mlgitops.render.argo import pod_labels, retry_strategy
from mlgitops.render.container import (
    POD_SECURITY_CONTEXT,
    SECURITY_CONTEXT,
    environment,
    image,
    program,
    resource_requirements,
    scheduling,
)
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import identity_secrets
from mlgitops.render.tags import in_template, input_name
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import containers, needs, output_uses
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedPipeline

if TYPE_CHECKING:
    from hera.workflows import WorkflowTemplate

COMPONENT = "pipeline"


def workflow_template(resolved: ResolvedPipeline, account: str) -> Manifest:
    """The WorkflowTemplate of a pipeline, whose pods run under ``account`` unless their template says otherwise."""
    with _workflow(resolved, account) as workflow:
        _graph(resolved)
        for step in resolved.spec.steps:
            _step(resolved, step)
        if resolved.spec.training is not None:
            training_step.templates(resolved, resolved.spec.training)
        manifest: Manifest = workflow.to_dict()  # inside the context: outside of it hera has forgotten the templates
    return manifest


def _workflow(resolved: ResolvedPipeline, account: str) -> WorkflowTemplate:
    from hera.workflows import WorkflowTemplate, models

    metadata, spec = object_metadata(resolved, component=COMPONENT), resolved.spec
    parameters = [models.Parameter(name=p.name, description=p.description, value=p.value) for p in spec.parameters]
    return WorkflowTemplate(
        **metadata,
        entrypoint="main",
        on_exit=None if spec.training is None else training_step.STOP,
        service_account_name=account,
        active_deadline_seconds=seconds(spec.deadline),
        arguments=models.Arguments(parameters=parameters or None),
        ttl_strategy=models.TTLStrategy(seconds_after_completion=seconds(spec.keep)),
        pod_gc=models.PodGC(strategy="OnWorkflowSuccess"),
        pod_metadata=models.Metadata(labels=pod_labels(resolved, COMPONENT, spec.identity, spec.queue)),
        security_context=models.PodSecurityContext.model_validate(POD_SECURITY_CONTEXT),
    )


def _graph(resolved: ResolvedPipeline) -> None:
    """One task for each step and for the training; what a step uses of another is handed over as an argument."""
    from hera.workflows import DAG, Parameter, Task

    with DAG(name="main"):
        for pointer, name, container, depends_on in containers(resolved.spec):
            Task(
                name=name,
                template=training_step.TEMPLATE if pointer == ("training",) else f"step-{name}",
                depends=" && ".join(needs(container, depends_on)) or None,
                arguments=[
                    Parameter(name=input_name(use), value=f"{{{{tasks.{use.step}.outputs.parameters.{use.name}}}}}")
                    for use in output_uses(container)
                ],
            )


def _step(resolved: ResolvedPipeline, step: Step) -> None:
    from hera.workflows import Container as ContainerTemplate
    from hera.workflows import Parameter, models

    secrets = identity_secrets(resolved, resolved.spec.identity)
    nodes = scheduling(resolved, step.resources)
    ContainerTemplate(
        name=f"step-{step.name}",
        inputs=[Parameter(name=input_name(use)) for use in output_uses(step)],
        outputs=[Parameter(name=o.name, value_from=models.ValueFrom(path=o.path)) for o in step.outputs],
        image=image(resolved, step.image),
        **program(step, in_template),
        env=[models.EnvVar.model_validate(variable) for variable in environment(step.env, in_template)],
        env_from=[models.EnvFromSource.model_validate({"secretRef": {"name": name}}) for name in secrets],
        # hera's own Resources refuses decimal memory such as 2G, which Kubernetes takes.
        resources=models.ResourceRequirements.model_validate(resource_requirements(resolved, step.resources)),
        security_context=models.SecurityContext.model_validate(SECURITY_CONTEXT),
        node_selector=nodes.get("nodeSelector"),
        tolerations=[models.Toleration.model_validate(t) for t in nodes.get("tolerations", ())] or None,
        retry_strategy=models.RetryStrategy.model_validate(retry_strategy(step.retries)) if step.retries else None,
        active_deadline_seconds=seconds(step.timeout) if step.timeout else None,
    )
