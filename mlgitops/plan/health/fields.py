"""Reads the status of a live object. A status of another shape than its kind's reads as if nothing were there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.plan.health.state import Health, progressing

Block = Mapping[str, Any]


def block(value: Any, *path: str) -> Block:
    """The map at a path; empty where there is none."""
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def blocks(value: Any, *path: str) -> list[Block]:
    """The maps in the list at a path; empty where there is none."""
    found = block(value, *path[:-1]).get(path[-1])
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def text(value: Block, key: str) -> str:
    """The text of a field; empty where there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def number(value: Block, key: str, default: int = 0) -> int:
    """The whole number of a field, or the default."""
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def conditions(manifest: Manifest) -> dict[str, Block]:
    """The conditions of an object's status by their type."""
    return {text(one, "type"): one for one in blocks(manifest, "status", "conditions")}


def is_true(condition: Block | None) -> bool:
    """Whether the condition is there and True."""
    return condition is not None and condition.get("status") == "True"


def is_false(condition: Block | None) -> bool:
    """Whether the condition is there and False."""
    return condition is not None and condition.get("status") == "False"


def since(condition: Block | None) -> str:
    """When a condition last changed; empty where it does not say."""
    return text(condition or {}, "lastTransitionTime")


def words(condition: Block) -> str:
    """What a condition says: its message, else its reason, after its type."""
    said = text(condition, "message") or text(condition, "reason")
    name = text(condition, "type")
    return f"{name}: {said}" if said else f"{name} is {text(condition, 'status') or 'not known'}"


def unseen(manifest: Manifest) -> Health | None:
    """The health of an object whose controller has not seen its last change; None where it has, or does not say."""
    wanted = number(block(manifest, "metadata"), "generation")
    seen = block(manifest, "status").get("observedGeneration")
    if isinstance(seen, int) and seen < wanted:
        return progressing("its controller has not seen the last change yet")
    return None
