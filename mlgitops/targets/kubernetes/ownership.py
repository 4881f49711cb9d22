"""Who owns which field of a live object, as its ``metadata.managedFields`` say. Pure.

A set of fields is a tree: ``f:NAME`` is a field, ``k:{...}`` the item of a list with these keys, ``v:VALUE`` an item of
a set; a node without children is owned whole. Source: the API's reference of ``FieldsV1``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from mlgitops.manifest import Manifest

MANAGER = "mlgitops"
"""Our field manager."""

Fields = Mapping[str, Any]
Path = tuple[str | int, ...]


class Owner(NamedTuple):
    """A field manager, what it did (Apply or Update), and when, RFC 3339."""

    manager: str
    operation: str
    time: str

    @property
    def is_us(self) -> bool:
        """Whether it is what we applied. An Update of the same manager is somebody who wrote in our name."""
        return self.manager == MANAGER and self.operation == "Apply"


def applied_fields(live: Manifest) -> Fields:
    """The fields that we own by server-side apply; empty where we applied nothing."""
    return next((fields for owner, fields in _sets(live) if owner.is_us), {})


def owners(live: Manifest, path: Path) -> list[Owner]:
    """Every manager that owns the field at a path, or the whole of which it is a part."""
    return [owner for owner, fields in _sets(live) if _holds(fields, live, path)]


def _sets(live: Manifest) -> Iterator[tuple[Owner, Fields]]:
    for entry in live.get("metadata", {}).get("managedFields") or ():
        if not entry.get("subresource"):
            owner = Owner(entry.get("manager", ""), entry.get("operation", ""), entry.get("time", ""))
            yield owner, entry.get("fieldsV1") or {}


def _holds(fields: Fields, value: Any, path: Path) -> bool:
    for part in path:
        if not fields:
            return True
        key, value = _step(fields, value, part)
        if key not in fields:
            return False
        fields = fields[key]
    return True


def _step(fields: Fields, value: Any, part: str | int) -> tuple[str, Any]:
    """The key of a part of a path among the fields, and the value there."""
    if isinstance(value, dict):
        return f"f:{part}", value.get(part)
    if not isinstance(value, list):
        return "", None
    item = item_at(value, part)
    return next((key for key in fields if _item(value, key) is item is not None), ""), item


def item_at(items: list[Any], part: str | int) -> Any:
    """The item of a list at an index or by its name, ``[NAME]``; None where there is none."""
    if isinstance(part, int):
        return items[part] if 0 <= part < len(items) else None
    name = part.removeprefix("[").removesuffix("]")
    return next((item for item in items if isinstance(item, dict) and item.get("name") == name), None)


def _item(items: list[Any], key: str) -> Any:
    """The item of a list that a key of a set of fields means; None where there is none."""
    if key.startswith("k:"):
        wanted = orjson.loads(key[2:]).items()
        return next((item for item in items if isinstance(item, dict) and _has(item, wanted)), None)
    if key.startswith("v:"):
        literal = orjson.loads(key[2:])
        return next((item for item in items if item == literal), None)
    return None


def _has(item: Mapping[str, Any], wanted: Any) -> bool:
    return all(item.get(name) == value for name, value in wanted)
