"""Objects of some kinds wherever they are in a cluster, whoever made them. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from mlgitops.errors import NotAuthorisedError
from mlgitops.manifest import Manifest
from mlgitops.targets.kubernetes import configuration
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.discovery import Discovery, Resource
from mlgitops.targets.kubernetes.listing import objects


def found_in(
    settings: Mapping[str, Any], root: Path, kinds: Collection[tuple[str, str]], namespaces: Collection[str]
) -> tuple[list[Manifest], bool]:
    """Every object of the kinds (group and kind) that the cluster serves, and whether all namespaces were looked at.

    ``settings`` is a Target's ``connection.kubernetes``. Who may not look everywhere sees the ``namespaces`` alone.
    Raises ``TargetError``, and ``NotAuthorisedError`` where even these may not be read.
    """
    client = Client(partial(configuration.load, settings, root), settings.get("impersonate"))
    discovery = Discovery(client)
    served = [found for group, kind in sorted(kinds) if (found := discovery.find(group, kind))]
    listed = [_listed(client, resource, namespaces) for resource in served]
    return [one for manifests, _ in listed for one in manifests], all(everywhere for _, everywhere in listed)


def _listed(client: Client, resource: Resource, namespaces: Collection[str]) -> tuple[list[Manifest], bool]:
    try:
        return objects(client, resource), True
    except NotAuthorisedError:
        return [one for namespace in namespaces for one in objects(client, resource, namespace)], False
