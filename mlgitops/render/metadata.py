"""The metadata of every manifest: which project, environment, target, model and release it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlgitops.manifest import (
    ANNOTATION_COPIES,
    ANNOTATION_DEPENDS_ON,
    ANNOTATION_RELEASE_DIGEST,
    LABEL_ENVIRONMENT,
    LABEL_MODEL,
    LABEL_PIPELINE,
    LABEL_PREFIX,
    LABEL_PROJECT,
    LABEL_RELEASE,
    LABEL_TARGET,
    MANAGED_BY,
    Manifest,
)
from mlgitops.render.storage import mirrored
from mlgitops.spec.resolved import Resolved, ResolvedModel

if TYPE_CHECKING:
    from mlgitops.spec.resolve import Resolution


def object_metadata(resolved: Resolved, name: str = "", component: str = "model", **extra: Any) -> dict[str, Any]:
    """Kubernetes metadata of an object that belongs to a model or pipeline; ``name`` is its own where left out."""
    annotations = object_annotations(resolved)
    return {
        "name": name or resolved.name,
        "namespace": resolved.place.namespace,
        "labels": object_labels(resolved, component),
        # An empty map would be dropped by a live API, and differ for ever.
        **({"annotations": annotations} if annotations else {}),
        **extra,
    }


def object_labels(resolved: Resolved, component: str) -> dict[str, str]:
    """The user's labels, and over them the labels by which we know our own objects."""
    place = resolved.place
    labels = {
        **place.labels,
        **resolved.metadata.labels,
        "app.kubernetes.io/name": resolved.name,
        "app.kubernetes.io/instance": f"{resolved.name}-{place.environment}"[:63].rstrip("-"),
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": place.project,
        "app.kubernetes.io/managed-by": MANAGED_BY,
        LABEL_PROJECT: place.project,
        LABEL_ENVIRONMENT: place.environment,
        LABEL_TARGET: place.target,
    }
    return {**labels, **_owner_labels(resolved)}


def _owner_labels(resolved: Resolved) -> dict[str, str]:
    if isinstance(resolved, ResolvedModel):
        version = resolved.spec.release.version
        return {LABEL_MODEL: resolved.name, LABEL_RELEASE: version, "app.kubernetes.io/version": version}
    return {LABEL_PIPELINE: resolved.name}


def object_annotations(resolved: Resolved) -> dict[str, str]:
    """The user's annotations, the release's digest and lineage, and who answers for it."""
    read = "\n".join(f"{original} {copy}" for original, copy in mirrored(resolved))
    copies = {ANNOTATION_COPIES: read} if read else {}
    return {**resolved.place.annotations, **resolved.metadata.annotations, **_lineage(resolved), **copies}


def _lineage(resolved: Resolved) -> dict[str, str]:
    if not isinstance(resolved, ResolvedModel):
        return {}
    lineage = {LABEL_PREFIX + name: value for name, value in resolved.lineage.items()}
    depends_on = {ANNOTATION_DEPENDS_ON: ",".join(resolved.needs)}
    return {
        ANNOTATION_RELEASE_DIGEST: resolved.release_digest,
        **(depends_on if resolved.needs else {}),
        **lineage,
    }


def tagged(manifest: Manifest, resolution: Resolution, target: str) -> Manifest:
    """A manifest that an overlay added, with the labels by which we know our own objects; others as they are."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or LABEL_TARGET in (metadata.get("labels") or {}):
        return manifest
    assert resolution.project is not None
    project = resolution.project.metadata.name
    own = {
        "app.kubernetes.io/part-of": project,
        "app.kubernetes.io/managed-by": MANAGED_BY,
        LABEL_PROJECT: project,
        LABEL_ENVIRONMENT: resolution.environment,
        LABEL_TARGET: target,
    }
    return {**manifest, "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), **own}}}
