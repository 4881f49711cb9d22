"""Cutting an overlay's build into batches whose results, put together, equal one build of everything.

See docs/adr/0002-kustomize-batches.md for why they are equal and when one build is made after all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.entries import Entry, Named, Place, entries, own_mentions, own_objects
from mlgitops.render.overlay.fields import ONE_BUILD
from mlgitops.render.overlay.references import Overlay
from mlgitops.render.overlay.units import Names, Units, units


@dataclass(frozen=True, slots=True)
class Batch:
    """One build: the rendered objects in it, and the overlay's entries that are left out of it."""

    manifests: tuple[Manifest, ...]
    dropped: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Cut:
    """The builds to make, and the one build of everything that they equal.

    ``reason`` says why there is only one batch although the objects are more than fit one; empty if there is no reason.
    """

    batches: tuple[Batch, ...]
    whole: Batch
    reason: str = ""


def cut(manifests: Sequence[Manifest], overlay: Overlay, size: int, elsewhere: Collection[Manifest] = ()) -> Cut:
    """Cut into batches of about ``size`` objects, at least 1; a batch is larger where a unit is.

    ``elsewhere`` are objects that the environment has but that this build is not about, such as those of its other
    targets: what names only them is left out rather than failing.
    """
    found = entries(overlay)
    names = Names(manifests, *_affixes(overlay))
    own = own_objects(overlay)
    absent = _elsewhere(found, names, own, Names(tuple(elsewhere), *_affixes(overlay)))
    whole = Batch(tuple(manifests), absent)
    reason = _reason(overlay, found) if len(manifests) > size else ""
    if reason or len(manifests) <= size:
        return Cut((whole,), whole, reason)
    kept = [entry for entry in found if entry.place not in absent]
    return _cut(whole, size, names, kept, own, own_mentions(overlay))


def _cut(
    whole: Batch, size: int, names: Names, found: Sequence[Entry], own: frozenset[Named], said: frozenset[str]
) -> Cut:
    droppable = {entry.place: _matches(entry, names) for entry in found if _is_droppable(entry, names, own)}
    everywhere = names.called(said)
    for entry in found:
        if entry.wanted and entry.place not in droppable:
            everywhere |= _matches(entry, names)
    divided = units(whole.manifests, names, found, everywhere, size)
    if len(divided.everywhere) * 2 > size:
        return Cut((whole,), whole, f"the overlay or many objects name {len(divided.everywhere)} of the objects")
    batches = tuple(
        Batch(
            tuple(whole.manifests[position] for position in sorted(chosen)),
            whole.dropped | {place for place, matched in droppable.items() if matched.isdisjoint(chosen)},
        )
        for chosen in _packed(divided, size)
    )
    return Cut(batches, whole)


def _packed(divided: Units, size: int) -> Iterator[frozenset[int]]:
    room = size - len(divided.everywhere)
    current: list[int] = []
    for unit in divided.together:
        if current and len(current) + len(unit) > room:
            yield frozenset((*current, *divided.everywhere))
            current = []
        current += unit
    yield frozenset((*current, *divided.everywhere))


def _affixes(overlay: Overlay) -> tuple[str, str]:
    return str(overlay.top.value.get("namePrefix") or ""), str(overlay.top.value.get("nameSuffix") or "")


def _reason(overlay: Overlay, found: Sequence[Entry]) -> str:
    for kustomization in overlay.kustomizations.values():
        for field in ONE_BUILD:
            if kustomization.value.get(field):
                return f"{kustomization.path} has {field}"
    for directory in overlay.seeing:
        if directory != overlay.directory and overlay.kustomizations[directory].value.keys() & {
            "namePrefix",
            "nameSuffix",
        }:
            return f"{overlay.kustomizations[directory].path} renames objects before other parts work on them"
    for entry in found:
        if entry.moves:
            path = overlay.kustomizations[entry.place.directory].path
            return f"{entry.place.field}[{entry.place.position}] of {path} may change the identity of objects"
    return ""


def _matches(entry: Entry, names: Names) -> set[int]:
    return {position for wanted in entry.wanted for position in names.matching(wanted)}


def _is_droppable(entry: Entry, names: Names, own: frozenset[Named]) -> bool:
    """Whether a build without the objects that the entry names can do without it: it is about nothing else."""
    return bool(entry.wanted) and all(names.matching(w) and not _may_be_own(w, own) for w in entry.wanted)


def _elsewhere(found: Sequence[Entry], names: Names, own: frozenset[Named], others: Names) -> frozenset[Place]:
    return frozenset(entry.place for entry in found if not _matches(entry, names) and _is_droppable(entry, others, own))


def _may_be_own(wanted: frozenset[Named], own: frozenset[Named]) -> bool:
    """Whether the overlay adds such an object; a base may have put something before or after its name."""
    return any(kind == own_kind and own_name in name for kind, name in wanted for own_kind, own_name in own)
