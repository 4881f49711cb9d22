"""What the manifests of a target ask for together, and how that changes. Pure.

Resources go by their Kubernetes name, in cores, bytes and pieces; accelerators by their class where it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from mlgitops.capacity.pods import Asked, Classes, most_of, times, together
from mlgitops.capacity.workflows import peak, units
from mlgitops.capacity.workloads import JOBS, WORKFLOWS, parts, scaled_by, total
from mlgitops.manifest import Manifest

SHARED = ("cpu", "memory")
"""Resources that come first wherever they are told."""
_NONE = Decimal(0)


class Footprint(NamedTuple):
    """Amounts by resource.

    ``least`` and ``most`` are of what always runs, with the fewest and with the most replicas. ``jobs`` are of all that
    runs now and then, if it all ran at once; ``largest`` of the one pod or job that asks for most, which must fit, and
    ``largest_is`` the object that this is or comes from, as ``Kind/name``.
    """

    least: Mapping[str, Decimal]
    most: Mapping[str, Decimal]
    jobs: Mapping[str, Decimal]
    largest: Mapping[str, Decimal]
    largest_is: Mapping[str, str] = MappingProxyType({})

    @property
    def all_at_once(self) -> Mapping[str, Decimal]:
        """With the most replicas and every job."""
        return together(self.most, self.jobs)


class Amounts(NamedTuple):
    """Of one resource: with the fewest replicas, with the most, and what jobs ask for beside, all at once."""

    least: Decimal = _NONE
    most: Decimal = _NONE
    jobs: Decimal = _NONE


class Delta(NamedTuple):
    """One resource before and after."""

    resource: str
    before: Amounts
    after: Amounts

    @property
    def changes(self) -> bool:
        """Whether anything does."""
        return self.before != self.after


def footprint(manifests: Iterable[Manifest], classes: Classes | None = None) -> Footprint:
    """What all of the manifests together ask for."""
    manifests = list(manifests)
    scaled, known = scaled_by(manifests), classes or {}
    least, most, jobs = list[Asked](), list[Asked](), list[Asked]()
    single = list[tuple[str, Asked]]()
    for manifest in manifests:
        own = parts(manifest, known, scaled)
        if manifest.get("kind") in WORKFLOWS:
            jobs.append(peak(_spec(manifest), known))
            single += [(_called(manifest), one) for one in units(_spec(manifest), known)]
        elif manifest.get("kind") in JOBS:
            jobs.append(total(own))
            single.append((_called(manifest), jobs[-1]))
        else:
            least += [times(part.asked, part.least) for part in own]
            most += [times(part.asked, part.most) for part in own]
    return Footprint(together(*least), together(*most), together(*jobs), *_largest(single))


def _largest(single: Sequence[tuple[str, Asked]]) -> tuple[Asked, dict[str, str]]:
    """The largest amount of each resource, and whose it is; of several, the first one's."""
    amounts = most_of(*(asked for _, asked in single))
    return amounts, {
        resource: next(name for name, asked in single if asked.get(resource) == amount)
        for resource, amount in amounts.items()
    }


def _called(manifest: Manifest) -> str:
    return f"{manifest.get('kind')}/{manifest.get('metadata', {}).get('name', '')}"


def deltas(before: Footprint, after: Footprint) -> tuple[Delta, ...]:
    """Every resource that is asked for before or after, processors and memory first."""
    names = {name for one in (before, after) for part in (one.least, one.most, one.jobs) for name in part}
    found = (Delta(name, _amounts(before, name), _amounts(after, name)) for name in sorted(names, key=_order))
    return tuple(one for one in found if any(one.before) or any(one.after))


def _order(name: str) -> tuple[bool, str]:
    return name not in SHARED, name


def _amounts(one: Footprint, name: str) -> Amounts:
    return Amounts(one.least.get(name, _NONE), one.most.get(name, _NONE), one.jobs.get(name, _NONE))


def _spec(manifest: Manifest) -> Mapping[str, Any]:
    spec = manifest.get("spec")
    return spec if isinstance(spec, Mapping) else {}
