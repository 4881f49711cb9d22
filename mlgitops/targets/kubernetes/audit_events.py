"""The audit log of a cluster target: each line is an Event beside the inventory, with the digest of the line before.

Events are what people look at first, but the API drops them after an hour by default. What is kept is the head of the
chain, on the inventory, so that lines that were exported elsewhere can be verified.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import orjson

from mlgitops.manifest import LABEL_PREFIX, MANAGED_BY, Manifest

ANNOTATION_LINE = LABEL_PREFIX + "audit"
_LONGEST_LINE = 200_000  # bytes; all annotations of an object together have at most 256 KiB
_LONGEST_MESSAGE = 1000  # characters; the API takes 1,024


def event(entry: Mapping[str, Any], inventory: Manifest, previous: str) -> Manifest:
    """The Event of a line about an ``inventory`` ConfigMap; ``previous`` is the digest of the line before."""
    metadata = inventory["metadata"]
    time = str(entry.get("time") or "1970-01-01T00:00:00Z")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{metadata['name']}.{secrets.token_hex(8)}",
            "namespace": metadata["namespace"],
            "annotations": {ANNOTATION_LINE: line(entry, previous)},
        },
        "involvedObject": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            **({"uid": metadata["uid"]} if "uid" in metadata else {}),
        },
        "reason": "".join(word.capitalize() for word in str(entry.get("event", "event")).split()),
        "message": _message(entry)[:_LONGEST_MESSAGE],
        "type": "Normal" if all(one.get("result", "done") == "done" for one in _objects(entry)) else "Warning",
        "firstTimestamp": time,
        "lastTimestamp": time,
        "count": 1,
        "source": {"component": MANAGED_BY},
    }


def line(entry: Mapping[str, Any], previous: str) -> str:
    """The line as JSON. Of an entry that is too long, the objects that it names are counted instead."""
    text = orjson.dumps({"previous": previous, **entry}).decode()
    if len(text.encode()) <= _LONGEST_LINE:
        return text
    counted = {key: len(value) if isinstance(value, list) else value for key, value in entry.items()}
    return orjson.dumps({"previous": previous, **counted}).decode()


def _objects(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(entry.get("changes") or ()), *(entry.get("results") or ())]


def _message(entry: Mapping[str, Any]) -> str:
    commit = str(entry.get("commit") or "")[:12]
    objects = _objects(entry)
    wrong = [f"{one['object']}: {one['reason']}" for one in objects if one.get("result", "done") != "done"]
    said = f"{entry.get('event', '')}: {len(objects)} objects" + (f", commit {commit}" if commit else "")
    return said + (f"; {len(wrong)} not done, such as {wrong[0]}" if wrong else "")
