"""Steps of a workflow that run mlgitops itself: their container, and the version that the release gets. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.render.container import SECURITY_CONTEXT, image
from mlgitops.render.step_container import resource_fields
from mlgitops.render.tags import in_template
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.serving import Resources

FOLDER = "/etc/mlgitops"
"""Where these containers find the files that they are given."""
BEGAN = "-".join("".join(f"{{{{workflow.creationTimestamp.{part}}}}}" for part in parts) for parts in ("Ymd", "HMS"))
"""The time at which the run began, such as 20261124-080000, in Argo's tags."""
RESOURCES = Resources.model_validate({"cpu": "250m", "cpuLimit": "1", "memory": "1Gi"})


def own_image(resolved: ResolvedPipeline) -> str:
    """The image of mlgitops, without which ``check`` lets nothing come here."""
    return image(resolved, resolved.spec.mlgitops_image or "")


def own_fields(resolved: ResolvedPipeline) -> dict[str, Any]:
    """A container of mlgitops. Its program is named, so that Argo need not look it up in the registry."""
    from hera.workflows import models

    return {
        "image": own_image(resolved),
        "command": ["mlgitops"],
        "security_context": models.SecurityContext.model_validate(SECURITY_CONTEXT),
        **resource_fields(resolved, RESOURCES),
    }


def release_version(resolved: ResolvedPipeline) -> str:
    """The version of the release that a run makes, in Argo's tags."""
    registration = resolved.spec.registration
    return in_template(registration.version) if registration and registration.version else BEGAN
