"""Lists, page by page. A list is whole or an error: nothing that was cut off is ever taken for empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest
from mlgitops.targets.kubernetes.client import JSON, Client
from mlgitops.targets.kubernetes.discovery import Resource
from mlgitops.targets.kubernetes.failures import GoneError

PAGE = 500
"""Objects a page."""
_RESTARTS = 3
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def objects(
    client: Client, resource: Resource, namespace: str = "", selector: str = "", *, metadata_only: bool = False
) -> list[Manifest]:
    """All objects of a kind that a label selector fits, with apiVersion and kind, which a list's items lack.

    Where the list moved on so far that it cannot be continued, it is made anew. Raises ``TargetError``.
    """
    query = {"limit": str(PAGE), **({"labelSelector": selector} if selector else {})}
    accept = _METADATA if metadata_only else JSON
    path = resource.collection(namespace)
    for attempt in range(1, _RESTARTS + 1):
        try:
            found = list(_pages(client, path, query, accept))
        except GoneError:
            if attempt == _RESTARTS:
                raise
        else:
            return [{**item, "apiVersion": resource.api_version, "kind": resource.kind} for item in found]
    raise AssertionError("the last attempt neither returned nor raised")


def _pages(client: Client, path: str, query: Mapping[str, str], accept: str) -> Iterator[Manifest]:
    following = ""
    while True:
        page = client.get(path, {**query, "continue": following} if following else query, accept)
        yield from _items(page, path)
        following = page["metadata"].get("continue", "")
        if not following:
            return


def _items(page: Any, path: str) -> list[Manifest]:
    if not isinstance(page, dict) or not isinstance(page.get("metadata"), dict) or "items" not in page:
        raise TargetError(
            f"the answer to GET {path} is not a list",
            help="See that the kubeconfig's server leads to the API and not to a proxy.",
        )
    return page["items"] or []
