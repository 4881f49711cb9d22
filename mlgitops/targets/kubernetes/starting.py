"""Makes an object that is no part of an inventory, such as a run, exactly once."""

from __future__ import annotations

from mlgitops.manifest import Manifest, identity
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.discovery import Discovery
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.targets.kubernetes.ownership import MANAGER


def start(client: Client, discovery: Discovery, manifest: Manifest) -> Manifest:
    """The object as it was made.

    Its name is nobody else's by chance: where a request is made again since its answer was lost, and the object is
    there by then, it is ours. Raises ``TargetError`` where there is one before.
    """
    resource, one = discovery.of(manifest), identity(manifest)
    try:
        made: Manifest = client.send("POST", resource.collection(one.namespace), {"fieldManager": MANAGER}, manifest)
    except ApiError as error:
        if not (error.collides and error.repeated):
            raise
        made = client.get(resource.path(one))
    return made
