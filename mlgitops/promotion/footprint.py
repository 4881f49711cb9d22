"""What the manifests of an environment ask for: processors, memory and accelerators, times replicas. Pure.

Counted are requests, or limits where there is no request, of every container and KServe model, times the replicas that
run at least (``minReplicas``, ``replicas``) and at most (``maxReplicas``); for what KEDA scales, its ScaledObject says
how many. What runs now and then (jobs) counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from mlgitops.manifest import Manifest
from mlgitops.spec.quantities import amount

_SHARED = ("cpu", "memory")


class Footprint(NamedTuple):
    """Resources by their Kubernetes name (cores, bytes, pieces), with the fewest and with the most replicas."""

    least: Mapping[str, Decimal]
    most: Mapping[str, Decimal]


class Delta(NamedTuple):
    """How one resource changes: before and after, with the fewest replicas, and with the most."""

    resource: str
    before: Decimal
    after: Decimal
    most_before: Decimal
    most_after: Decimal


def footprint(manifests: Iterable[Manifest]) -> Footprint:
    """What all of the manifests together ask for."""
    least: defaultdict[str, Decimal] = defaultdict(Decimal)
    most: defaultdict[str, Decimal] = defaultdict(Decimal)
    manifests = list(manifests)
    scaled = _scaled(manifests)
    for manifest in manifests:
        fewest, many = scaled.get(_place(manifest, manifest.get("kind")), (1, 1))
        for replicas, highest, resource, asked in _asked(manifest.get("spec"), fewest, many):
            least[resource] += asked * replicas
            most[resource] += asked * highest
    return Footprint(dict(least), dict(most))


def _place(manifest: Manifest, kind: Any, name: Any = None) -> tuple[Any, Any, Any]:
    metadata = manifest.get("metadata") or {}
    return metadata.get("namespace"), kind, name or metadata.get("name")


def _scaled(manifests: Iterable[Manifest]) -> dict[tuple[Any, Any, Any], tuple[int, int]]:
    """The fewest and the most replicas of what a ScaledObject scales, by namespace, kind and name; KEDA's defaults."""
    found = {}
    for manifest in manifests:
        spec = manifest.get("spec")
        if manifest.get("kind") == "ScaledObject" and isinstance(spec, dict):
            reference = spec.get("scaleTargetRef") or {}
            place = _place(manifest, reference.get("kind", "Deployment"), reference.get("name"))
            found[place] = _whole(spec, ("minReplicaCount",), 0), _whole(spec, ("maxReplicaCount",), 100)
    return found


def deltas(before: Footprint, after: Footprint) -> list[Delta]:
    """Every resource that changes, processors and memory first."""
    names = sorted({*before.most, *after.most}, key=lambda name: (name not in _SHARED, name))
    none = Decimal(0)
    found = (
        Delta(
            name, before.least.get(name, none), after.least.get(name, none), before.most.get(name, none),
            after.most.get(name, none),
        )
        for name in names
    )  # fmt: skip
    return [one for one in found if (one.before, one.most_before) != (one.after, one.most_after)]


def _asked(value: Any, replicas: int, highest: int) -> Iterator[tuple[int, int, str, Decimal]]:
    if isinstance(value, list):
        for item in value:
            yield from _asked(item, replicas, highest)
    if not isinstance(value, dict):
        return
    replicas = _whole(value, ("minReplicas", "replicas", "numNodes"), replicas)
    highest = max(replicas, _whole(value, ("maxReplicas", "replicas", "numNodes"), highest))
    for key, inner in value.items():
        if key == "resources" and isinstance(inner, dict):
            yield from ((replicas, highest, name, asked) for name, asked in _resources(inner))
        else:
            yield from _asked(inner, replicas, highest)


def _resources(resources: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    parts = (resources.get(part) for part in ("limits", "requests"))
    merged = {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
    for name, value in merged.items():
        try:
            yield name, amount(str(value))
        except (AttributeError, KeyError):
            continue  # not a quantity: the cluster would say so


def _whole(value: Mapping[str, Any], names: Iterable[str], otherwise: int) -> int:
    return next((value[name] for name in names if type(value.get(name)) is int), otherwise)
