"""What users' containers have in common in every kind of workload: image, environment, resources, nodes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mlgitops.render import clouds
from mlgitops.render.quantity import canonical
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.serving import Container, Resources, Variable

SECURITY_CONTEXT: dict[str, Any] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
"""A container's share of the Pod Security Standards' "restricted" profile; the pod has ``POD_SECURITY_CONTEXT``."""

POD_SECURITY_CONTEXT: dict[str, Any] = {
    "runAsNonRoot": True,
    "runAsUser": 8737,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""Argo's executor image runs as root unless told otherwise, so that ``runAsNonRoot`` alone would refuse its containers;
8737 is the user that Argo's own documentation takes ("Workflow Pod Security Context")."""

Write = Callable[[str], str]
"""How a user's text is written into a manifest: as it is, or with its placeholders translated."""


def as_it_is(text: str) -> str:
    """The text itself."""
    return text


def image(resolved: Resolved, name: str) -> str:
    """The image, from the Target's mirror of its registry where it has one."""
    for registry, mirror in sorted(resolved.place.spec.registries.items(), key=lambda pair: -len(pair[0])):
        if name == registry or name.startswith(registry.rstrip("/") + "/"):
            return mirror.rstrip("/") + name.removeprefix(registry.rstrip("/"))
    return name


def environment(variables: Iterable[Variable], write: Write = as_it_is) -> list[dict[str, Any]]:
    """Environment variables as Kubernetes writes them."""
    return [_variable(variable, write) for variable in variables]


def _variable(variable: Variable, write: Write) -> dict[str, Any]:
    if variable.from_secret is not None:
        reference = {"name": variable.from_secret.secret, "key": variable.from_secret.key}
        return {"name": variable.name, "valueFrom": {"secretKeyRef": reference}}
    return {"name": variable.name, "value": write(variable.value or "")}


def program(container: Container, write: Write = as_it_is) -> dict[str, Any]:
    """Command and arguments; what is left out is the image's own."""
    given = {"command": container.command, "args": container.args}
    return {field: [write(text) for text in value] for field, value in given.items() if value}


def resource_sources(path: str, pointer: str) -> dict[str, str]:
    """The part of a ``SOURCES`` table that is about resources at ``path``, which come from those at ``pointer``."""
    accelerator = f"{pointer}.accelerator"
    return {
        path: pointer,
        f"{path}.limits": accelerator,
        f"{path}.limits.cpu": f"{pointer}.cpuLimit",
        f"{path}.limits.memory": f"{pointer}.memory",
        f"{path}.requests": accelerator,
        f"{path}.requests.cpu": f"{pointer}.cpu",
        f"{path}.requests.memory": f"{pointer}.memory",
    }


def resource_requirements(resolved: Resolved, resources: Resources) -> dict[str, Any]:
    """Requests and limits. Memory and accelerators are reserved in full; cpu may burst to its limit."""
    accelerator: dict[str, str] = {}
    if resources.accelerator is not None:
        kind = resolved.place.spec.accelerators[resources.accelerator.class_]
        accelerator[kind.resource] = str(resources.accelerator.count)
    cpu, memory = canonical(resources.cpu), canonical(resources.memory)
    limit = canonical(resources.cpu_limit) if resources.cpu_limit else cpu
    return {
        "requests": {"cpu": cpu, "memory": memory, **accelerator},
        "limits": {"cpu": limit, "memory": memory, **accelerator},
    }


def scheduling(resolved: Resolved, resources: Resources) -> dict[str, Any]:
    """Node selector and tolerations of pods that need an accelerator; empty for others.

    The Target's own words come first; the cloud's usual ones where it has none.
    """
    if resources.accelerator is None:
        return {}
    name, cloud = resources.accelerator.class_, clouds.of(resolved.place.spec.cloud)
    kind = resolved.place.spec.accelerators[name]
    own = [t.model_dump(by_alias=True, exclude_none=True) for t in kind.tolerations]
    found = {
        "nodeSelector": dict(kind.node_selector) or cloud.accelerator_node_selector(name, kind.resource),
        "tolerations": own or cloud.accelerator_tolerations(kind.resource),
    }
    return {field: value for field, value in found.items() if value}
