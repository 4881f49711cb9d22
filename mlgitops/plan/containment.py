"""Whether all that a manifest says is there in a live object, which may have more. Pure, and fast."""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Path
from mlgitops.plan.equivalence import same_value
from mlgitops.targets import without_stamp

_KEYS = ("name", "key", "containerPort", "port", "mountPath", "topologyKey", "metric", "type")
"""Fields by which lists of objects are told apart; the first that all items have, and that differs in all, counts."""


def contains(live: Manifest, desired: Manifest) -> bool:
    """Whether every field of the desired manifest has that value. The annotation that names the commit is left out.

    Values are compared by what they mean. Items of a list are looked for by their key, and in order where they have
    none; of such a list nothing may be left over.
    """
    return _contains((), live, without_stamp(desired))


def _contains(path: Path, live: Any, desired: Any) -> bool:
    if isinstance(desired, dict):
        if not isinstance(live, dict):
            return not desired and live is None
        return all(_contains((*path, key), live.get(key), value) for key, value in desired.items())
    if isinstance(desired, list):
        if not isinstance(live, list):
            return not desired and live is None
        return _contains_items(path, live, desired)
    return same_value(path, live, desired)


def _contains_items(path: Path, live: list[Any], desired: list[Any]) -> bool:
    key = next((key for key in _KEYS if _tells_apart(key, desired) and _tells_apart(key, live)), "")
    if key:
        items = {item[key]: item for item in live}
        return all(item[key] in items and _contains((*path, key), items[item[key]], item) for item in desired)
    return len(live) == len(desired) and all(
        _contains((*path, index), one, other) for index, (one, other) in enumerate(zip(live, desired, strict=True))
    )


def _tells_apart(key: str, items: list[Any]) -> bool:
    values = [item.get(key) for item in items if isinstance(item, dict)]
    known = {value for value in values if isinstance(value, str | int)}
    return len(values) == len(items) == len(known) > 0
