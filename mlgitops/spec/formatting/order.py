"""In which order the keys of a spec are written: that of the schema, a name first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.fields import Block
from mlgitops.spec.kinds import KINDS, PARTIAL_SPECS
from mlgitops.spec.shapes import Shape, named_fields, shape_of

_OUTERMOST = ("apiVersion", "kind", "metadata", "spec")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a spec one is: ``shape`` is None where nothing is known, so that keys stay as they are."""

    shape: Shape | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """The keys that are known here, in their order; empty where any order is as good."""
        block = self.shape.block if self.shape else None
        if block is None:
            return ()
        if issubclass(block, Envelope):
            return _OUTERMOST
        return tuple(named_fields(block))

    def item(self) -> Place:
        """Within an item of a list."""
        return Place(self.shape.item if self.shape else None)

    def at(self, key: str) -> Place:
        """Within the value of a key."""
        if self.shape is None:
            return self
        block = self.shape.block
        if block is None or key not in named_fields(block):
            return Place(self.shape.item if self.shape.is_map else None)
        part = _part(block, key)
        return Place(Shape("part of a spec", block=part) if part else shape_of(block, named_fields(block)[key]))


def _part(block: type[Block], key: str) -> type[Block] | None:
    """The spec of which a field holds a part."""
    return next((parts[key] for known, parts in PARTIAL_SPECS.items() if issubclass(block, known) and key in parts),
                None)  # fmt: skip


def in_order(value: Any, place: Place) -> Any:
    """JSON data with the keys of its mappings in their order, unknown ones last."""
    if isinstance(value, list):
        return [in_order(one, place.item()) for one in value]
    if not isinstance(value, Mapping):
        return value
    places = {key: index for index, key in enumerate(place.order)}
    keys = sorted(value, key=lambda key: places.get(key, len(places)))
    return {key: in_order(value[key], place.at(key)) for key in keys}


def place_of(kind: object) -> Place:
    """The outermost place of a file of this kind."""
    return Place(Shape("file", block=KINDS[kind])) if isinstance(kind, str) and kind in KINDS else Place()
