"""What a cluster keeps of an inventory: its ConfigMap, replaced over the version that was read, and the audit lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.manifest import LABEL_PREFIX, Manifest, digest
from mlgitops.targets.inventory import Inventory
from mlgitops.targets.kubernetes import applyset, audit_events
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.targets.kubernetes.ownership import MANAGER

_HEAD = LABEL_PREFIX + "audit-head"


class Record:
    """The record of one inventory; not to be written from several threads at once."""

    def __init__(self, client: Client, namespace: str, inventory_id: str) -> None:
        self._client = client
        self._namespace = namespace
        self._id = inventory_id
        self._name = applyset.name_of(inventory_id)
        self._path = f"/api/v1/namespaces/{namespace}/configmaps"
        self._found: Manifest | None = None
        self._line: str | None = None

    @property
    def exists(self) -> bool:
        """Whether the ConfigMap was there when it was read, or has been written since."""
        return self._found is not None

    def read(self) -> Inventory | None:
        """The inventory as it is now; None where there is none. Raises ``TargetError`` where it is corrupt."""
        self.look()
        if self._found is None:
            return None
        try:
            return applyset.from_config_map(self._found, self._id)
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError) as error:
            reason = str(error) if type(error) is ValueError else "it is not an inventory"
            raise TargetError(f"the inventory {self} is corrupt: {reason}", help=self.rebuild) from error

    def look(self) -> None:
        """Learns which version is there, whatever is in it, so that it can be replaced."""
        self._found = self._get()

    def write(self, inventory: Inventory) -> Inventory:
        """Replaces what was read. Raises ``TargetError`` where somebody else changed it meanwhile."""
        body = applyset.to_config_map(inventory, self._namespace)
        body["metadata"]["annotations"][_HEAD] = self._head
        try:
            self._found = self._sent(body)
        except ApiError as error:
            if not error.collides:
                raise
            found = self._get() if error.repeated else None
            if found is None or not _is_written(body, found):
                raise TargetError("the inventory moved: somebody else applied meanwhile", help="Plan again.") from error
            self._found = found
        return replace(inventory, revision=self._found["metadata"]["resourceVersion"])

    def add(self, entry: Mapping[str, Any]) -> None:
        """Adds an Event with an audit line; the next inventory keeps the digest of the line."""
        about = self._found or {"metadata": {"name": self._name, "namespace": self._namespace}}
        made = audit_events.event(entry, about, self._head)
        try:
            self._client.send("POST", f"/api/v1/namespaces/{self._namespace}/events", body=made)
        except ApiError as error:
            if not (error.collides and error.repeated):  # nobody else makes a name like it
                raise
        self._line = digest(made["metadata"]["annotations"])

    @property
    def rebuild(self) -> str:
        """The command that restores an inventory."""
        _, environment, target = self._id.split("/")
        return f"mlgitops inventory rebuild --env {environment} --target {target}"

    def __str__(self) -> str:
        return f"{self._namespace}/ConfigMap/{self._name}"

    @property
    def _head(self) -> str:
        """The digest of the last audit line: of the one that was added, else of the one that the ConfigMap keeps."""
        if self._line is None:
            annotations = (self._found or {}).get("metadata", {}).get("annotations") or {}
            self._line = str(annotations.get(_HEAD, ""))
        return self._line

    def _get(self) -> Manifest | None:
        try:
            found: Manifest = self._client.get(f"{self._path}/{self._name}")
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _sent(self, body: Manifest) -> Manifest:
        query = {"fieldManager": MANAGER}
        sent: Manifest
        if self._found is None:
            sent = self._client.send("POST", self._path, query, body)
            return sent
        body["metadata"]["resourceVersion"] = self._found["metadata"]["resourceVersion"]
        sent = self._client.send("PUT", f"{self._path}/{self._name}", query, body)
        return sent


def _is_written(body: Manifest, found: Manifest) -> bool:
    """Whether an inventory is there just as it was sent; its head and checksum are like no other's."""
    parts = ("data", "binaryData")
    same = all(body.get(part) == found.get(part) for part in parts)
    return same and body["metadata"]["annotations"] == found["metadata"].get("annotations")
