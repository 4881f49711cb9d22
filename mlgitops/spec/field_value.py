"""The value of one field of one model or pipeline at one target, and every layer that had a say. Frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlgitops.finding import Location
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import Resolved


@dataclass(frozen=True)
class Said:
    """What one layer says: its name, where, and the value; ``None`` deletes."""

    layer: str
    location: Location
    value: Any


@dataclass(frozen=True)
class FieldValue:
    """``value`` is what counts, ``said`` the layers from first to last; none where the built-in default counts."""

    owner: str
    environment: str
    target: str
    value: Any
    said: tuple[Said, ...]


def field_value(resolved: Resolved, owner: str, pointer: Pointer) -> FieldValue:
    """The field at ``pointer`` within the spec, defaults included; ``None`` where there is no such value."""
    history = resolved.provenance.history(pointer)
    written = [(origin, value) for origin, value in history if origin.layer.document is not None]
    said = tuple(Said(origin.layer.name, origin.location, value) for origin, value in written)
    place = resolved.place
    return FieldValue(owner, place.environment, place.target, _value(resolved, pointer), said)


def _value(resolved: Resolved, pointer: Pointer) -> Any:
    value: Any = resolved.complete()
    for part in pointer:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and str(part).isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
