"""Texts by name in one ConfigMap, which several processes write: each change is made over what was read just before."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Mapping
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.manifest import MANAGED_BY, Manifest
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.failures import ApiError

TRIES = 8
LONGEST_PLAIN = 128 * 1024
"""Characters of a text that is kept as it is; a longer one is compressed."""
LARGEST = 900_000
"""Bytes of all texts together, as they are kept; an object in etcd has at most about 1.5 MiB."""

Texts = Mapping[str, str]


class Notes:
    """The texts in the ConfigMap ``name``, which is made with the first one."""

    def __init__(self, client: Client, namespace: str, name: str) -> None:
        self._client = client
        self._collection = f"/api/v1/namespaces/{namespace}/configmaps"
        self._namespace = namespace
        self._name = name

    def read(self) -> Texts:
        """What is there; nothing where there is no such ConfigMap. Raises ``TargetError``."""
        found = self._found()
        return _texts(found) if found else {}

    def change(self, made: Callable[[Texts], Texts]) -> Texts:
        """Replaces what is there by what ``made`` makes of it, which may be asked several times; the texts then.

        Raises ``TargetError`` where others are always faster, or the texts are too large.
        """
        for _ in range(TRIES):
            found = self._found()
            before = _texts(found) if found else {}
            after = made(before)
            if after == before and found:
                return before
            try:
                self._send(found, after)
            except ApiError as error:
                if not error.collides:
                    raise
            else:
                return after
        raise TargetError(
            f"the ConfigMap {self._namespace}/{self._name} changes faster than it can be written",
            help="See that one controller alone runs with this state.",
        )

    def _found(self) -> Manifest | None:
        try:
            found: Manifest = self._client.get(f"{self._collection}/{self._name}")
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _send(self, found: Manifest | None, texts: Texts) -> None:
        metadata: dict[str, Any] = {"name": self._name, "namespace": self._namespace}
        if found:
            kept = {"labels", "annotations", "uid", "resourceVersion"}
            metadata |= {key: value for key, value in found["metadata"].items() if key in kept}
        else:
            metadata["labels"] = {"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/component": "state"}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **_data(texts)}
        if found:
            self._client.send("PUT", f"{self._collection}/{self._name}", body=body)
        else:
            self._client.send("POST", self._collection, body=body)


def _data(texts: Texts) -> dict[str, dict[str, str]]:
    plain = {name: text for name, text in texts.items() if len(text) <= LONGEST_PLAIN}
    long = {name: text for name, text in texts.items() if name not in plain}
    packed = {name: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode() for name, text in long.items()}
    if sum(len(text.encode()) for text in (*plain.values(), *packed.values())) > LARGEST:
        raise TargetError(
            "what the controller remembers is too large for one ConfigMap",
            help="Have several controllers follow it, each with targets of its own.",
        )
    return {"data": plain, "binaryData": packed}


def _texts(found: Manifest) -> Texts:
    packed = found.get("binaryData") or {}
    try:
        unpacked = {name: gzip.decompress(base64.b64decode(text)).decode() for name, text in packed.items()}
    except (ValueError, OSError, EOFError) as error:
        raise TargetError("the ConfigMap with what the controller remembers is damaged", help="Delete it.") from error
    return {**(found.get("data") or {}), **unpacked}
