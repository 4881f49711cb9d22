"""Where an artifact or data is, as the platform reads it at a target. Pure."""

from __future__ import annotations

from mlgitops.check.storage import normalise
from mlgitops.render.container import image
from mlgitops.spec.resolved import Resolved

_OCI = "oci://"


def storage_uri(resolved: Resolved, uri: str) -> str:
    """The URI with the Target's storage looked up; a model image (oci) from the Target's mirror of its registry.

    Raises ``StorageUriError`` for a URI that cannot be read, which ``check`` has refused before.
    """
    readable = normalise(uri, resolved.place.spec.storage)
    return _OCI + image(resolved, readable.removeprefix(_OCI)) if readable.startswith(_OCI) else readable
