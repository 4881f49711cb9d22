"""Which fields differ between two manifests. Pure.

Plain recursion, not deepdiff: Kubernetes lists are compared by name where items have one, some texts mean the same
value, and the result has to come in one order; teaching deepdiff that takes more code than this does, and it needs
milliseconds an object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.plan.change import ABSENT, FieldChange, Path
from mlgitops.plan.equivalence import same_value
from mlgitops.plan.masking import masked
from mlgitops.targets import without_stamp


def differences(live: Manifest, desired: Manifest) -> tuple[FieldChange, ...]:
    """The fields that lead from what is live to what is desired, in order of their path; values of Secrets masked.

    Empty exactly where both mean the same. A field that is only on one side is ``ABSENT`` on the other.
    """
    found = _differences((), without_stamp(live), without_stamp(desired))
    return tuple(masked(desired, change) for change in found)


def _differences(path: Path, old: Any, new: Any) -> Iterator[FieldChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences((*path, key), old.get(key, ABSENT), new.get(key, ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_differences(path, old, new)
    elif not same_value(path, old, new):
        yield FieldChange(path, old, new)


def _list_differences(path: Path, old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    if _comparable_by_name(old, new):
        before, after = _by_name(old), _by_name(new)
        for name in dict.fromkeys([*before, *after]):
            yield from _differences((*path, f"[{name}]"), before.get(name, ABSENT), after.get(name, ABSENT))
    elif _scalars(old) and _scalars(new):
        if len(old) != len(new) or not all(map(same_value, [path] * len(old), old, new)):
            yield FieldChange(path, old, new)
    else:
        for index in range(max(len(old), len(new))):
            yield from _differences((*path, index), _item(old, index), _item(new, index))


def _comparable_by_name(old: list[Any], new: list[Any]) -> bool:
    """Whether items have unique names on both sides, and those on both sides are in the same order.

    Order matters: initContainers run in theirs, and a variable may refer to those before it.
    """
    before, after = _by_name(old), _by_name(new)
    if len(before) != len(old) or len(after) != len(new) or not (before or after):
        return False
    return [name for name in before if name in after] == [name for name in after if name in before]


def _by_name(items: list[Any]) -> dict[str, Any]:
    named = (item for item in items if isinstance(item, dict) and isinstance(item.get("name"), str))
    return {item["name"]: item for item in named}


def _scalars(items: list[Any]) -> bool:
    return not any(isinstance(item, dict | list) for item in items)


def _item(items: list[Any], index: int) -> Any:
    return items[index] if index < len(items) else ABSENT
