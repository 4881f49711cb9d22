"""The inventory of a directory target as a JSON file. Pure functions over bytes.

Beside the inventory it holds what makes the next plan fast and the audit log checkable: the SHA-256 of each object's
file, so that an unchanged file is known without parsing it, and the audit log's head. A checksum over all of it tells a
damaged or edited file from a good one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from mlgitops.manifest import Identity, digest
from mlgitops.targets.inventory import Inventory, InventoryEntry

FORMAT_VERSION = "1.0"


@dataclass(frozen=True)
class InventoryFile:
    """An inventory, the SHA-256 (hexadecimal) of each file by relative path, and the audit log's head."""

    inventory: Inventory
    files: Mapping[str, str] = field(default_factory=dict)
    audit_head: str = ""


def dump(file: InventoryFile) -> bytes:
    """The file's content, the same for equal inventories."""
    inventory = file.inventory
    content = {
        "formatVersion": FORMAT_VERSION,
        "id": inventory.id,
        "commit": inventory.commit,
        "appliedAt": inventory.applied_at,
        **({"begun": inventory.begun} if inventory.begun else {}),
        "auditHead": file.audit_head,
        "entries": [_entry(inventory.entries[identity]) for identity in sorted(inventory.entries)],
        "files": dict(sorted(file.files.items())),
    }
    sealed = {**content, "checksum": digest(content)}
    return orjson.dumps(sealed, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def load(content: bytes, inventory_id: str) -> InventoryFile:
    """Reads a file's content. Raises ``ValueError`` saying what is wrong with it."""
    document = orjson.loads(content)
    if not isinstance(document, dict):
        raise ValueError("it is not an object")
    if document.get("formatVersion") != FORMAT_VERSION:
        raise ValueError(f"its format version is not {FORMAT_VERSION}")
    if document.pop("checksum", None) != digest(document):
        raise ValueError("its checksum does not fit; it was edited or damaged")
    if document["id"] != inventory_id:
        raise ValueError("it is another inventory's")
    entries = {entry.identity: entry for entry in map(_read_entry, document["entries"])}
    inventory = Inventory(
        inventory_id, entries, document["commit"], document["appliedAt"], begun=document.get("begun", "")
    )
    return InventoryFile(inventory, document["files"], document["auditHead"])


def _entry(entry: InventoryEntry) -> dict[str, str]:
    run = {"run": entry.run} if entry.run else {}
    return {**entry.identity._asdict(), "owner": entry.owner, "digest": entry.digest, **run}


def _read_entry(node: dict[str, Any]) -> InventoryEntry:
    identity = Identity(node["group"], node["kind"], node["namespace"], node["name"])
    return InventoryEntry(identity, node["digest"], node["owner"], run=node.get("run", ""))
