"""Merging layers of a spec, and telling for every merged value which layer, file and line it came from. Pure.

Later layers go over earlier ones: mappings merge deeply; two lists whose items are all mappings with a declared key
merge by that key, in the order in which items were first seen; all other values replace; ``null`` deletes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mlgitops.finding import Location
from mlgitops.spec.positions import Pointer, Written

if TYPE_CHECKING:
    from mlgitops.spec.document import Document

__all__ = ["ITEM_KEYS", "Layer", "Origin", "Pointer", "Provenance", "merge"]

ITEM_KEYS = ("name", "metric")
"""The declared keys: items with the same text under one are the same item."""


def merge(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The layers folded from the left into one mapping without nulls in mappings.

    Arguments are never changed, though the result may share parts with them. An empty list replaces, as does a list
    with two items of one key: such a list has no declared key, and ``[]`` is how a user clears one.

    Merging no layers gives ``{}``; merging a layer with itself changes nothing. It is associative,
    ``merge([merge([a, b]), c]) == merge([a, merge([b, c])])``, for layers without nulls and without empty lists that
    agree on the type, and the declared key, of every value that they share. Otherwise it is not: ``b``'s null is gone
    from ``merge([b, c])`` before it could delete from ``a``, and in the same way a value of another type, or an empty
    list, is lost there when ``c`` replaces it, and so does not come between ``a`` and ``c``.
    """
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _over(merged, layer)
    return merged


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _value_over(merged.get(key), value)
    return merged


def _value_over(below: Any, above: Any) -> Any:
    """``above`` over ``below``, where ``above`` is not null; ``None`` stands below for nothing."""
    if isinstance(above, Mapping):
        return _over(below if isinstance(below, Mapping) else {}, above)
    if isinstance(above, list) and (key := item_key(above)) is not None:
        shared = item_key(below, above)
        return list(_items_over(below, above, shared) if shared else _items_over([], above, key))
    return above


def _items_over(below: list[Any], above: list[Any], key: str) -> Iterable[dict[str, Any]]:
    items = {item[key]: item for item in below}
    for item in above:
        items[item[key]] = _over(items.get(item[key], {}), item)
    return items.values()


def item_key(*lists: Any) -> str | None:
    """The declared key by which lists merge: the first that every item has, with no text twice in a list; else None."""
    return next((key for key in ITEM_KEYS if all(_is_keyed(items, key) for items in lists)), None)


def _is_keyed(items: Any, key: str) -> bool:
    if not isinstance(items, list) or not items or not all(isinstance(item, Mapping) for item in items):
        return False
    return len({name for item in items if isinstance(name := item.get(key), str)}) == len(items)


@dataclass(frozen=True)
class Layer:
    """One layer: what it is called (``base model``), and ``data`` as it stands at ``base`` in ``document``.

    ``document`` is None for what is built in.
    """

    name: str
    document: Document | None
    base: Pointer
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Origin:
    """Where a merged value came from: the layer, and the pointer within the layer's data.

    ``key`` says that the place of the key is meant rather than the value's. For what is built in, ``location`` has the
    layer's name as its path, without a line.
    """

    layer: Layer
    pointer: Pointer
    key: bool = False

    @cached_property
    def location(self) -> Location:
        """File, line and column."""
        if self.layer.document is None:
            return Location(self.layer.name)
        return self.layer.document.locate(self.within_document, self.key)

    @property
    def excerpt(self) -> str:
        """The source line, without secrets; empty for what is built in."""
        return self.layer.document.excerpt(self.location.line) if self.layer.document else ""

    @property
    def text(self) -> str:
        """The scalar as it is written; empty where there is none."""
        return (self.layer.document.raw_scalar(self.within_document) or "") if self.layer.document else ""

    @property
    def within_document(self) -> Pointer:
        """The pointer from the top of the layer's document."""
        return (*self.layer.base, *self.pointer)


class _Part(NamedTuple):
    """What one layer says about one merged value; ``value`` is None where it deletes."""

    layer: Layer
    pointer: Pointer
    value: Any


class Provenance:
    """Tells of a merged value which layer set it. Costs nothing until asked.

    Pointers are into the merged result; indices into lists merged by key are translated for each layer.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)

    @cached_property
    def merged(self) -> dict[str, Any]:
        """All layers merged."""
        return merge(layer.data for layer in self._layers)

    def origin(self, pointer: Pointer, key: bool = False) -> Origin:
        """The last layer that set the value at ``pointer``; of a mapping or merged list, the last that set some of it.

        Where there is no such value, the origin of its nearest parent, asked for the same pointer, so that the place
        is where the value would be written; of the layers that have the parent, the last one that is a file. Raises
        ``ValueError`` where there is no layer at all.
        """
        if not self._layers:
            raise ValueError("no layers")
        parts = self._roots()
        for depth, step in enumerate(pointer):
            found = _live(_step(parts, step))
            if not found:
                return _absent(parts, pointer[depth:], key)
            parts = found
        return Origin(parts[-1].layer, parts[-1].pointer, key)

    def written(self, pointer: Pointer, key: bool = False) -> Written:
        """What is written at the origin of the value at ``pointer``, or at its key, for a finding."""
        origin = self.origin(pointer, key)
        return Written(origin.within_document, origin.location, origin.excerpt, origin.text)

    def history(self, pointer: Pointer) -> list[tuple[Origin, Any]]:
        """Every layer that says something about the value at ``pointer``, first to last, and what; None for a deletion.

        The last one is what counts, with what it is merged over if it is a mapping or a list with a declared key.
        """
        parts = self._roots()
        for step in pointer:
            parts = _step(_live(parts), step)
        return [(Origin(part.layer, part.pointer), part.value) for part in parts]

    def _roots(self) -> list[_Part]:
        return [_Part(layer, (), layer.data) for layer in self._layers]


def _absent(parents: Sequence[_Part], rest: Pointer, key: bool) -> Origin:
    """The origin of something that is not there: in the last file that has its parent."""
    part = next((part for part in reversed(parents) if part.layer.document), parents[-1])
    return Origin(part.layer, (*part.pointer, *rest), key)


def _live(parts: Sequence[_Part]) -> list[_Part]:
    """The parts that the merged value is made of: from the last one that replaced or deleted all before it."""
    live: list[_Part] = []
    merged: Any = None
    for part in parts:
        if part.value is None:
            live, merged = [], None
            continue
        live = [*live, part] if _merges(merged, part.value) else [part]
        merged = _value_over(merged, part.value)
    return live


def _merges(below: Any, above: Any) -> bool:
    """Whether ``above`` goes into ``below`` rather than replacing it."""
    if isinstance(above, Mapping):
        return isinstance(below, Mapping)
    return item_key(below, above) is not None


def _step(live: Sequence[_Part], step: str | int) -> list[_Part]:
    """What each part says about its child: of a mapping by key, of a list by the item's index in the merged list."""
    if isinstance(step, str):
        return [
            _Part(part.layer, (*part.pointer, step), part.value[step])
            for part in live
            if isinstance(part.value, Mapping) and step in part.value
        ]
    return _items(live, step)


def _items(live: Sequence[_Part], index: int) -> list[_Part]:
    """What each part says about one item of a list: replays the merge, noting which item went where."""
    merged: list[Any] = []
    found: list[list[_Part]] = []
    for part in live:
        if not isinstance(part.value, list):
            return []
        key = item_key(merged, part.value)
        known = {item[key]: place for place, item in enumerate(merged)} if key else {}
        for own, item in enumerate(part.value):
            place = known.get(item[key], len(found)) if key else len(found)
            if place == len(found):
                found.append([])
            found[place].append(_Part(part.layer, (*part.pointer, own), item))
        merged = _value_over(merged, part.value)
    return found[index] if 0 <= index < len(found) else []
