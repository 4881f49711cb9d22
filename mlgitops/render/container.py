"""What users' containers have in common in every kind of workload: image, environment, resources, nodes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mlgitops.render import clouds
from mlgitops.render.quantity import canonical
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.serving import Container, Resources, Variable
from mlgitops.spec.target import TargetSpec, Toleration

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


def node_sources(path: str, pointer: str) -> dict[str, str]:
    """The part of a ``SOURCES`` table that is about the nodes of a pod at ``path``, from resources at ``pointer``."""
    spot = {f"{path}.nodeSelector.{label}": f"{pointer}.spot" for label in sorted(clouds.SPOT_LABELS)}
    return {**dict.fromkeys((f"{path}.nodeSelector", f"{path}.tolerations"), "target:accelerators"), **spot}


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
    """Node selector and tolerations of pods that need an accelerator or may run on spot nodes; empty for others.

    The Target's own words come first; the cloud's usual ones where it has none.
    """
    selector, tolerations = _accelerator_nodes(resolved, resources)
    spot_selector, spot_tolerations = _spot_nodes(resolved) if resources.spot else ({}, [])
    found = {"nodeSelector": {**selector, **spot_selector}, "tolerations": [*tolerations, *spot_tolerations]}
    return {field: value for field, value in found.items() if value}


def accelerator_selector(target: TargetSpec, name: str) -> dict[str, str]:
    """The labels of the nodes that have one of the target's accelerator classes; the cloud's usual ones where it says
    none. Raises ``KeyError`` for a class that it does not have."""
    kind = target.accelerators[name]
    return dict(kind.node_selector) or clouds.of(target.cloud).accelerator_node_selector(name, kind.resource)


_Nodes = tuple[dict[str, str], list[dict[str, Any]]]


def _accelerator_nodes(resolved: Resolved, resources: Resources) -> _Nodes:
    if resources.accelerator is None:
        return {}, []
    name, cloud = resources.accelerator.class_, clouds.of(resolved.place.spec.cloud)
    kind = resolved.place.spec.accelerators[name]
    selector = accelerator_selector(resolved.place.spec, name)
    return selector, _as_kubernetes(kind.tolerations) or cloud.accelerator_tolerations(kind.resource)


def _spot_nodes(resolved: Resolved) -> _Nodes:
    cloud, own = clouds.of(resolved.place.spec.cloud), resolved.place.spec.spot
    if own is None:
        return cloud.spot_node_selector(), cloud.spot_tolerations()
    return dict(own.node_selector), _as_kubernetes(own.tolerations)


def _as_kubernetes(tolerations: Iterable[Toleration]) -> list[dict[str, Any]]:
    return [toleration.model_dump(by_alias=True, exclude_none=True) for toleration in tolerations]
