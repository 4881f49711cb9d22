"""What a cluster publishes about its kinds: an OpenAPI v3 document for each group and version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.targets.kubernetes.client import Client

INDEX = "/openapi/v3"
_GROUP_VERSION = re.compile(r"api/v[a-z0-9]+|apis/[a-z0-9.-]+/v[a-z0-9]+")


def openapi_documents(client: Client) -> Iterator[tuple[str, Any]]:
    """The name of each group and version (``apis/apps/v1``) and its document. Raises what ``Client`` raises."""
    paths = client.get(INDEX).get("paths")
    if not isinstance(paths, dict):
        raise TargetError("the cluster publishes no OpenAPI v3", help="Kubernetes 1.24 or newer.")
    for name in sorted(paths):
        if _GROUP_VERSION.fullmatch(name):
            # Without the hash that the index gives: a document that was made anew since is otherwise a redirect.
            yield name, client.get(f"{INDEX}/{name}")
