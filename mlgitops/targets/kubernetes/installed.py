"""Which of some kinds a cluster serves, and which images its Deployments run, as far as one may look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.failures import ForbiddenError

DEPLOYMENTS = "/apis/apps/v1/deployments"
_PAGE = 500


def images(client: Client) -> frozenset[str] | None:
    """The images of all Deployments; None for an account that may not list them in every namespace."""
    try:
        return frozenset(image for deployment in _deployments(client) for image in _images(deployment))
    except ForbiddenError:
        return None


def _deployments(client: Client) -> Iterator[Mapping[str, Any]]:
    after = ""
    while True:
        query = {"limit": str(_PAGE), **({"continue": after} if after else {})}
        page = client.get(DEPLOYMENTS, query)
        yield from page["items"]
        after = page["metadata"].get("continue") or ""
        if not after:
            return


def _images(deployment: Mapping[str, Any]) -> Iterator[str]:
    for container in deployment["spec"]["template"]["spec"].get("containers") or ():
        yield str(container.get("image") or "")
