"""Which rendered objects have to be in one build together, and which have to be in every build.

Two objects may be in different builds only if kustomize does nothing to one because of the other. It does so for name
references alone once the fields of ``fields.ONE_BUILD`` are absent, so objects are kept together that name each other,
in any string, or that could come to have one identity. An object that many others name, or that the overlay's own
objects name, is put in every build instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mlgitops.manifest import LABEL_MODEL, LABEL_PIPELINE, LABEL_TARGET, Manifest, labels
from mlgitops.render.overlay.entries import Entry, Named, mentions, named


@dataclass(frozen=True, slots=True)
class Units:
    """Positions of the rendered objects: ``together`` in units that stay whole, ``everywhere`` those in every build."""

    together: tuple[tuple[int, ...], ...]
    everywhere: tuple[int, ...]


class Names:
    """The rendered objects by name, by kind and name, under every name they have on the way through the overlay."""

    def __init__(self, manifests: Sequence[Manifest], prefix: str, suffix: str) -> None:
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._by_kind: dict[Named, set[int]] = defaultdict(set)
        for position, manifest in enumerate(manifests):
            kind, name = named(manifest) or ("", "")
            for form in {name, prefix + name, prefix + name + suffix}:
                self._by_name[form].add(position)
                self._by_kind[kind, form].add(position)

    def called(self, texts: Iterable[str]) -> set[int]:
        """The objects that have one of the texts for a name."""
        return {position for text in texts for position in self._by_name.get(text, ())}

    def matching(self, wanted: Iterable[Named]) -> set[int]:
        """The objects that have one of the wanted kinds and names."""
        return {position for one in wanted for position in self._by_kind.get(one, ())}


def units(
    manifests: Sequence[Manifest], names: Names, changing: Iterable[Entry], everywhere: Iterable[int], size: int
) -> Units:
    """Divide the manifests for builds of about ``size`` objects.

    ``changing`` are the overlay's entries, ``everywhere`` what is in every build already.
    """
    partition = _Partition(len(manifests))
    _tie_owners(partition, manifests)
    edges = [(i, j) for i, manifest in enumerate(manifests) for j in names.called(mentions(manifest)) if i != j]
    shared = set(everywhere)
    for entry in changing:
        mentioned = names.called(entry.mentioned)
        changed = _changed(names, entry)
        partition.tie(changed)
        edges += [(i, j) for i in list(changed)[:1] for j in mentioned]
        shared |= set() if changed else mentioned
    hubs = _hubs(partition, edges, users=max(2, size // 10))
    for i, j in edges:
        if hubs.isdisjoint({partition.root(i), partition.root(j)}):
            partition.tie([i, j])
    return _divided(partition, edges, {*shared, *hubs})


def _changed(names: Names, entry: Entry) -> set[int]:
    if entry.target:
        return names.called([entry.target])
    return {position for wanted in entry.wanted for position in names.matching(wanted)}


def _tie_owners(partition: _Partition, manifests: Sequence[Manifest]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for position, manifest in enumerate(manifests):
        for key in _ties(manifest):
            partition.tie([position, first.setdefault(key, position)])


def _ties(manifest: Manifest) -> list[tuple[str, ...]]:
    """What an object has in common with those it stays with: its owner, and its kind and name in any namespace."""
    kind, name = named(manifest) or ("", "")
    # kustomize gives every Namespace the name in its namespace field.
    ties: list[tuple[str, ...]] = [("name", kind, "" if kind == "Namespace" else name)]
    own = labels(manifest)
    ties += [(label, own[label], own.get(LABEL_TARGET, "")) for label in (LABEL_MODEL, LABEL_PIPELINE) if label in own]
    return ties


def _hubs(partition: _Partition, edges: Iterable[tuple[int, int]], users: int) -> set[int]:
    """The units that more than ``users`` others name: with them as one unit, much of a build would be taken."""
    using: dict[int, set[int]] = defaultdict(set)
    for i, j in edges:
        using[partition.root(j)].add(partition.root(i))
    return {root for root, found in using.items() if len(found - {root}) > users}


def _divided(partition: _Partition, edges: Sequence[tuple[int, int]], everywhere: Iterable[int]) -> Units:
    shared = {partition.root(position) for position in everywhere}
    size = -1
    while size != len(shared):
        size = len(shared)
        shared |= {partition.root(j) for i, j in edges if partition.root(i) in shared}
    together = tuple(group for root, group in partition.groups().items() if root not in shared)
    common = (position for root, group in partition.groups().items() if root in shared for position in group)
    return Units(together, tuple(sorted(common)))


class _Partition:
    """Disjoint sets of positions; the root of a set is its smallest position."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, position: int) -> int:
        while self._parent[position] != position:
            self._parent[position] = self._parent[self._parent[position]]
            position = self._parent[position]
        return position

    def tie(self, positions: Iterable[int]) -> None:
        roots = sorted({self.root(position) for position in positions})
        for root in roots[1:]:
            self._parent[root] = roots[0]

    def groups(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = defaultdict(list)
        for position in range(len(self._parent)):
            found[self.root(position)].append(position)
        return {root: tuple(group) for root, group in found.items()}
