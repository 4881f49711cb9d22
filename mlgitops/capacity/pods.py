"""What one pod asks for: requests, or limits where there is no request. Pure.

Source: Kubernetes, "Init Containers" and "Sidecar Containers", on how the request of a pod is made up. A resource goes
by its Kubernetes name, in cores, bytes or pieces; an accelerator by its class, where the pod's node selector tells it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from mlgitops.spec.quantities import amount

Asked = dict[str, Decimal]
"""Amounts by resource."""


class AcceleratorClass(NamedTuple):
    """What an accelerator class is at a target: the resource, and the labels of the nodes that have it."""

    resource: str
    node_selector: Mapping[str, str]


Classes = Mapping[str, AcceleratorClass]
"""Accelerator classes by name."""


def of_pod(pod: Mapping[str, Any]) -> Asked:
    """What a pod asks for by its specification: containers run together, those that prepare one after the other."""
    started: Asked = {}
    highest: Asked = {}
    for container in _blocks(pod.get("initContainers")):
        own = of_container(container)
        if container.get("restartPolicy") == "Always":
            started = together(started, own)
            own = {}
        highest = most_of(highest, together(started, own))
    containers = (of_container(container) for container in _blocks(pod.get("containers")))
    return together(most_of(highest, together(started, *containers)), amounts(pod.get("overhead")))


def of_container(container: Mapping[str, Any]) -> Asked:
    """What one container asks for."""
    return of_resources(container.get("resources"))


def of_resources(resources: Any) -> Asked:
    """What a block of requests and limits asks for."""
    if not isinstance(resources, Mapping):
        return {}
    return {**amounts(resources.get("limits")), **amounts(resources.get("requests"))}


def amounts(quantities: Any) -> Asked:
    """The quantities as numbers; what is none is left out, since the cluster would say so."""
    found = quantities.items() if isinstance(quantities, Mapping) else ()
    return {str(name): number for name, value in found if (number := quantity(value)) is not None}


def quantity(value: Any) -> Decimal | None:
    """A quantity as an exact number of its base unit; None for what is none."""
    try:
        return amount(str(value))
    except (AttributeError, KeyError, ArithmeticError):
        return None


def together(*asked: Mapping[str, Decimal]) -> Asked:
    """The sum."""
    found: Asked = {}
    for one in asked:
        for name, number in one.items():
            found[name] = found.get(name, Decimal(0)) + number
    return found


def most_of(*asked: Mapping[str, Decimal]) -> Asked:
    """The largest amount of each resource."""
    found: Asked = {}
    for one in asked:
        for name, number in one.items():
            found[name] = max(found.get(name, number), number)
    return found


def times(asked: Mapping[str, Decimal], number: int) -> Asked:
    """The same, so many times."""
    return {name: value * number for name, value in asked.items()}


def classified(asked: Mapping[str, Decimal], selector: Mapping[str, Any], classes: Classes) -> Asked:
    """The amounts with the accelerator's class for the resource, where the nodes of the selector are of just one."""
    return together(*({_class(name, selector, classes): number} for name, number in asked.items()))


def _class(resource: str, selector: Mapping[str, Any], classes: Classes) -> str:
    fitting = {
        name: len(one.node_selector)
        for name, one in classes.items()
        if one.resource == resource and one.node_selector.items() <= selector.items()
    }
    closest = [name for name, labels in fitting.items() if labels == max(fitting.values())]
    return closest[0] if len(closest) == 1 else resource


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    items: Iterable[Any] = value if isinstance(value, list | tuple) else ()
    return (item for item in items if isinstance(item, Mapping))
