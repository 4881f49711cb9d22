"""What users' containers have in common in a workflow, and how outputs of other steps are handed to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlgitops.render.container import (
    SECURITY_CONTEXT,
    environment,
    image,
    program,
    resource_requirements,
    scheduling,
)
from mlgitops.render.service_account import identity_secrets
from mlgitops.render.tags import in_template, input_name
from mlgitops.spec.placeholders import OutputUse
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.serving import Container, Resources

if TYPE_CHECKING:
    from hera.workflows import Parameter


def container_fields(resolved: ResolvedPipeline, container: Container) -> dict[str, Any]:
    """Image, program, environment, resources and nodes of a user's container, as hera's ``Container`` takes them."""
    from hera.workflows import models

    secrets = identity_secrets(resolved, resolved.spec.identity)
    return {
        "image": in_template(image(resolved, container.image)),
        **program(container, in_template),
        "env": [models.EnvVar.model_validate(variable) for variable in environment(container.env, in_template)],
        "env_from": [models.EnvFromSource.model_validate({"secretRef": {"name": name}}) for name in secrets],
        "security_context": models.SecurityContext.model_validate(SECURITY_CONTEXT),
        **resource_fields(resolved, container.resources),
    }


def resource_fields(resolved: ResolvedPipeline, resources: Resources) -> dict[str, Any]:
    """Resources and nodes, as hera's ``Container`` takes them."""
    from hera.workflows import models

    nodes = scheduling(resolved, resources)
    return {
        # hera's own Resources refuses decimal memory such as 2G, which Kubernetes takes.
        "resources": models.ResourceRequirements.model_validate(resource_requirements(resolved, resources)),
        "node_selector": nodes.get("nodeSelector"),
        "tolerations": [models.Toleration.model_validate(t) for t in nodes.get("tolerations", ())] or None,
    }


def inputs(uses: Iterable[OutputUse]) -> list[Parameter]:
    """The inputs of a template by which it gets outputs of other steps."""
    from hera.workflows import Parameter

    return [Parameter(name=input_name(use)) for use in uses]


def arguments(uses: Iterable[OutputUse]) -> list[Parameter]:
    """What a task of the graph hands to these inputs."""
    from hera.workflows import Parameter

    return [
        Parameter(name=input_name(use), value=f"{{{{tasks.{use.step}.outputs.parameters.{use.name}}}}}") for use in uses
    ]
