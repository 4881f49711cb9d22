"""What a target knows about our objects: the inventory, what is live, and how an object is known as ours. Pure data.

An object's *content digest* leaves out the commit that last changed it, so that a new commit alone is never a change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mlgitops.manifest import (
    ANNOTATION_SOURCE_COMMIT,
    LABEL_ENVIRONMENT,
    LABEL_MODEL,
    LABEL_PIPELINE,
    LABEL_PROJECT,
    LABEL_TARGET,
    Identity,
    Manifest,
    digest,
    labels,
)

SHARED_OWNER = "Environment/overlay"
"""The owner of what belongs to no model and no pipeline."""


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One object that we applied: its content digest as applied, and its owner, such as ``Model/fraud-detector``."""

    identity: Identity
    digest: str
    owner: str = ""


@dataclass(frozen=True)
class Inventory:
    """Every object of one environment at one target that we applied, or were about to.

    ``id`` is ``project/environment/target``. ``commit`` is that of the last apply that ended without a failure, and
    ``applied_at`` (RFC 3339) is when it did; the time is empty while an apply is under way, and stays so when it fails.
    """

    id: str
    entries: Mapping[Identity, InventoryEntry]
    commit: str = ""
    applied_at: str = ""

    @cached_property
    def version(self) -> str:
        """The digest of all that the inventory says: it moves whenever anybody applies."""
        rows = sorted((*entry.identity, entry.digest, entry.owner) for entry in self.entries.values())
        return digest([self.id, self.commit, self.applied_at, rows])


@dataclass(frozen=True)
class Live:
    """An object as it is at the target. ``digest`` is its content digest; the manifest is read when it is asked for."""

    digest: str
    read: Callable[[], Manifest] = field(repr=False, compare=False)

    @classmethod
    def of(cls, manifest: Manifest) -> Live:
        """What is live, from a manifest at hand."""
        return cls(content_digest(manifest), lambda: manifest)

    @cached_property
    def manifest(self) -> Manifest:
        """The whole object. Raises what reading it raises."""
        return self.read()


def without_stamp(manifest: Manifest) -> Manifest:
    """The manifest without the annotation that names the commit, and without annotations where there is no other."""
    metadata = manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(annotations, dict) or (annotations and ANNOTATION_SOURCE_COMMIT not in annotations):
        return manifest
    kept = {key: value for key, value in annotations.items() if key != ANNOTATION_SOURCE_COMMIT}
    rest = {key: value for key, value in manifest["metadata"].items() if key != "annotations"}
    return {**manifest, "metadata": {**rest, "annotations": kept} if kept else rest}


def content_digest(manifest: Manifest) -> str:
    """The digest of a manifest without the annotation that names the commit."""
    return digest(without_stamp(manifest))


def owner_of(manifest: Manifest) -> str:
    """``Model/NAME`` or ``Pipeline/NAME`` as the labels say; ``Environment/overlay`` for what belongs to neither."""
    own = labels(manifest)
    for label, kind in ((LABEL_MODEL, "Model"), (LABEL_PIPELINE, "Pipeline")):
        if own.get(label):
            return f"{kind}/{own[label]}"
    return SHARED_OWNER


def belongs_to(manifest: Manifest, inventory_id: str) -> bool:
    """Whether the labels name this project, environment and target: only such an object is ever deleted."""
    own = labels(manifest)
    said = (own.get(label) for label in (LABEL_PROJECT, LABEL_ENVIRONMENT, LABEL_TARGET))
    return tuple(said) == tuple(inventory_id.split("/"))
