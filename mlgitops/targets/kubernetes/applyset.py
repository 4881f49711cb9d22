"""The inventory as a ConfigMap that is the parent of an ApplySet, as KEP-3659 has it. Pure.

Other tools find what belongs together by its labels and annotations. Ours are the entries: JSON, in ``data.entries``,
or compressed in ``binaryData.entries`` once there are many, since an object in etcd has at most about 1.5 MiB. A
checksum tells a damaged or edited inventory from a good one. Source of the ID: KEP-3659, "ApplySet ID label".
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import Any

import orjson

from mlgitops import __version__
from mlgitops.errors import TargetError
from mlgitops.manifest import (
    LABEL_ENVIRONMENT,
    LABEL_PREFIX,
    LABEL_PROJECT,
    LABEL_TARGET,
    MANAGED_BY,
    Identity,
    Manifest,
    digest,
    labels,
)
from mlgitops.targets.inventory import Inventory, InventoryEntry

FORMAT_VERSION = "1.0"
LABEL_ID = "applyset.kubernetes.io/id"
TOOLING = "applyset.kubernetes.io/tooling"
GROUP_KINDS = "applyset.kubernetes.io/contains-group-kinds"
NAMESPACES = "applyset.kubernetes.io/additional-namespaces"
ANNOTATION_INVENTORY = LABEL_PREFIX + "inventory"
ANNOTATION_COMMIT = LABEL_PREFIX + "commit"
ANNOTATION_APPLIED_AT = LABEL_PREFIX + "applied-at"
ANNOTATION_BEGUN = LABEL_PREFIX + "begun-commit"
ANNOTATION_CHECKSUM = LABEL_PREFIX + "checksum"
BOOKKEEPING = {"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/component": "inventory"}
"""The labels of our own records, which are no members of an inventory."""
PLAIN_BYTES = 128 * 1024
"""Entries longer than this are compressed, to about a fifth."""
LARGEST_BYTES = 1_000_000
_LONGEST_NAME = 63


def name_of(inventory_id: str) -> str:
    """The name of an inventory's ConfigMap and Lease: ``mlgitops-ENVIRONMENT-TARGET-DIGEST``, at most 63 characters.

    The digest tells apart what would have the same name otherwise.
    """
    _, environment, target = inventory_id.split("/")
    ending = "-" + hashlib.sha256(inventory_id.encode()).hexdigest()[:8]
    return f"mlgitops-{environment}-{target}"[: _LONGEST_NAME - len(ending)].rstrip("-") + ending


def applyset_id(name: str, namespace: str, kind: str = "ConfigMap", group: str = "") -> str:
    """The ID of the ApplySet whose parent is that object: ``applyset-<base64url of a SHA-256>-v1``."""
    parent = hashlib.sha256(f"{name}.{namespace}.{kind}.{group}".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(parent).decode().rstrip('=')}-v1"


def to_config_map(inventory: Inventory, namespace: str) -> Manifest:
    """The ConfigMap of an inventory. Raises ``TargetError`` where it has more entries than fit into one."""
    name = name_of(inventory.id)
    entries = orjson.dumps([_row(inventory.entries[one]) for one in sorted(inventory.entries)])
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**BOOKKEEPING, LABEL_ID: applyset_id(name, namespace)},
            "annotations": _annotations(inventory, namespace, entries),
        },
        **_stored(entries),
    }


def from_config_map(found: Manifest, inventory_id: str) -> Inventory:
    """The inventory in a ConfigMap. Raises ``ValueError`` saying what is wrong with it."""
    metadata = found["metadata"]
    annotations = metadata.get("annotations") or {}
    if annotations.get(ANNOTATION_INVENTORY) != inventory_id:
        raise ValueError("it is another inventory's")
    if labels(found).get(LABEL_ID) != applyset_id(metadata["name"], metadata["namespace"]):
        raise ValueError(f"its label {LABEL_ID} does not fit")
    commit, applied_at = annotations.get(ANNOTATION_COMMIT, ""), annotations.get(ANNOTATION_APPLIED_AT, "")
    begun = annotations.get(ANNOTATION_BEGUN, "")
    entries = _entries(found)
    if annotations.get(ANNOTATION_CHECKSUM) != _checksum(inventory_id, commit, applied_at, entries, begun):
        raise ValueError("its checksum does not fit; it was edited or damaged")
    read = [InventoryEntry(Identity(*row[:4]), *row[4:]) for row in orjson.loads(entries)]
    return Inventory(
        inventory_id, {entry.identity: entry for entry in read}, commit, applied_at, metadata["resourceVersion"], begun
    )


def selector(inventory_id: str) -> str:
    """The label selector for the members of an inventory."""
    keys = (LABEL_PROJECT, LABEL_ENVIRONMENT, LABEL_TARGET)
    return ",".join(f"{key}={value}" for key, value in zip(keys, inventory_id.split("/"), strict=True))


def _annotations(inventory: Inventory, namespace: str, entries: bytes) -> dict[str, str]:
    identities = inventory.entries
    elsewhere = {one.namespace for one in identities} - {"", namespace}
    return {
        ANNOTATION_INVENTORY: inventory.id,
        TOOLING: f"{MANAGED_BY}/v{__version__}",
        GROUP_KINDS: ",".join(sorted({f"{one.kind}.{one.group}".rstrip(".") for one in identities})),
        NAMESPACES: ",".join(sorted(elsewhere)),
        ANNOTATION_COMMIT: inventory.commit,
        ANNOTATION_APPLIED_AT: inventory.applied_at,
        **({ANNOTATION_BEGUN: inventory.begun} if inventory.begun else {}),
        ANNOTATION_CHECKSUM: _checksum(inventory.id, inventory.commit, inventory.applied_at, entries, inventory.begun),
    }


def _row(entry: InventoryEntry) -> list[str]:
    row = [*entry.identity, entry.digest, entry.owner, entry.uid]
    return [*row, entry.run, entry.generation] if entry.run or entry.generation else row


def _stored(entries: bytes) -> dict[str, Any]:
    if len(entries) <= PLAIN_BYTES:
        return {"data": {"formatVersion": FORMAT_VERSION, "entries": entries.decode()}}
    packed = base64.b64encode(gzip.compress(entries, mtime=0)).decode()
    if len(packed) > LARGEST_BYTES:
        raise TargetError(
            "the inventory is too large for one ConfigMap", help="Split the environment or the target into several."
        )
    return {"data": {"formatVersion": FORMAT_VERSION}, "binaryData": {"entries": packed}}


def _entries(found: Manifest) -> bytes:
    data, binary = found.get("data") or {}, found.get("binaryData") or {}
    if data.get("formatVersion") != FORMAT_VERSION:
        raise ValueError(f"its format version is not {FORMAT_VERSION}")
    if "entries" in binary:
        return gzip.decompress(base64.b64decode(binary["entries"]))
    return str(data["entries"]).encode()


def _checksum(inventory_id: str, commit: str, applied_at: str, entries: bytes, begun: str) -> str:
    return digest([inventory_id, commit, applied_at, entries.decode(), *([begun] if begun else [])])
