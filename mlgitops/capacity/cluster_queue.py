"""What Kueue's ClusterQueues among the manifests let one job have: more is never admitted. Pure.

Source: Kueue v0.15, ``ClusterQueue``: ``nominalQuota`` by flavour and resource; in a cohort a queue may borrow, without
``borrowingLimit`` as much as there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from mlgitops.capacity.pods import Asked, most_of, quantity, together
from mlgitops.manifest import Manifest


def queue_quota(manifests: Iterable[Manifest]) -> Asked:
    """The most of each resource that any one of the ClusterQueues may give; what has no bound is left out."""
    queues = [manifest["spec"] for manifest in manifests if _is_queue(manifest)]
    unbounded = {name for spec in queues for name, amount in _shares(spec) if amount is None}
    found = (together(*({name: amount} for name, amount in _shares(spec) if amount is not None)) for spec in queues)
    return {name: amount for name, amount in most_of(*found).items() if name not in unbounded}


def _is_queue(manifest: Manifest) -> bool:
    return manifest.get("kind") == "ClusterQueue" and isinstance(manifest.get("spec"), dict)


def _shares(spec: Mapping[str, Any]) -> Iterator[tuple[str, Decimal | None]]:
    """Each flavour's share of each resource; None where it may borrow without a bound."""
    borrows = bool(spec.get("cohort") or spec.get("cohortName"))
    for group in _blocks(spec.get("resourceGroups")):
        for flavour in _blocks(group.get("flavors")):
            for resource in _blocks(flavour.get("resources")):
                yield str(resource.get("name")), _share(resource, borrows=borrows)


def _share(resource: Mapping[str, Any], *, borrows: bool) -> Decimal | None:
    nominal, limit = quantity(resource.get("nominalQuota")), resource.get("borrowingLimit")
    if nominal is None or (borrows and limit is None):
        return None
    return nominal + ((quantity(limit) or Decimal(0)) if borrows else Decimal(0))


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in (value if isinstance(value, list | tuple) else ()) if isinstance(item, Mapping))
