"""Where an artifact or data is, as the platform reads it at a target. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check.storage import normalise, readable
from mlgitops.render.container import image
from mlgitops.spec.resolved import Resolved, ResolvedModel, ResolvedPipeline

_OCI = "oci://"


def storage_uri(resolved: Resolved, uri: str) -> str:
    """Where what is at a URI is read: with the Target's storage and mirrors looked up; a model image (oci) from the
    Target's mirror of its registry.

    Raises ``StorageUriError`` for a URI that cannot be read, which ``check`` has refused before.
    """
    found = readable(uri, resolved.place.spec)
    return _OCI + image(resolved, found.removeprefix(_OCI)) if found.startswith(_OCI) else found


def data_uri(resolved: Resolved, uri: str) -> str:
    """Where data is that changes, such as what is scored and the scores: as ``storage_uri``, but never a copy."""
    return normalise(uri, resolved.place.spec.storage)


def mirrored(resolved: Resolved) -> list[tuple[str, str]]:
    """What is read from one of the Target's mirrors: the original's URI and the copy's."""
    target = resolved.place.spec
    if not target.mirrors:
        return []
    pairs = {(normalise(uri, target.storage), readable(uri, target)) for uri in _read(resolved)}
    return sorted(pair for pair in pairs if pair[0] != pair[1])


def _read(resolved: Resolved) -> Iterator[str]:
    if isinstance(resolved, ResolvedModel):
        yield resolved.spec.release.artifact.uri
    elif isinstance(resolved, ResolvedPipeline) and (training := resolved.spec.training) is not None:
        yield from (uri for uri in (training.dataset, training.base_model) if uri is not None)
