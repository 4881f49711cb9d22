"""What a target knows about our objects: the inventory, what is live, and how an object is known as ours. Pure data.

An object's *content digest* leaves out the commit that last changed it, so that a new commit alone is never a change.

Of an object that is there, four things are told apart: its ``digest``, which moves when somebody took over what we
applied; its ``generation``, which moves with whatever anybody changed, also where the target names nobody; its
``version``, which moves with any change that an apply must know of; and the content digest of the manifest that was
``applied`` to it. A file has no generation, and the rest are one; in a cluster others write, too.
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
    """One object that we applied: its digest as applied, its owner, such as ``Model/fraud-detector``, and its uid.

    The uid is empty where objects have none, or where it is not known yet. ``run`` is about what runs once: how far it
    came and what it was started from (``plan.ledger`` reads and writes it); empty for all else and before the start.
    ``generation`` is that of our last write, so that what nobody changed since need not be compared; empty where that
    is not known, which is no difference between entries.
    """

    identity: Identity
    digest: str
    owner: str = ""
    uid: str = ""
    run: str = ""
    generation: str = field(default="", compare=False)


@dataclass(frozen=True)
class Inventory:
    """Every object of one environment at one target that we applied, or were about to.

    ``id`` is ``project/environment/target``. ``commit`` is that of the last apply that ended without a failure, and
    ``applied_at`` (RFC 3339) is when it did; the time is empty while an apply is under way, and stays so when it fails.
    ``begun`` is the commit of that apply then, and empty otherwise.
    ``revision`` is the target's own version of what is stored; empty where it has none.
    """

    id: str
    entries: Mapping[Identity, InventoryEntry]
    commit: str = ""
    applied_at: str = ""
    revision: str = ""
    begun: str = ""

    @cached_property
    def version(self) -> str:
        """The digest of all that the inventory says: it moves whenever anybody applies."""
        entries = self.entries.values()
        rows = sorted((*entry.identity, entry.digest, entry.owner, entry.uid, entry.run) for entry in entries)
        begun = [self.begun] if self.begun else []
        return digest([self.id, self.commit, self.applied_at, self.revision, rows, *begun])


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """An inventory that was written anew, and in words where nobody may look for more of its objects."""

    inventory: Inventory
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Live:
    """An object as it is at the target; the manifest is read when it is asked for.

    ``version`` is the digest where it is left out; ``applied`` is empty where nothing says what was applied, as for a
    file, whose digest says it all. See the module for what they are.
    """

    digest: str
    read: Callable[[], Manifest] = field(repr=False, compare=False)
    version: str = ""
    applied: str = ""
    uid: str = ""
    generation: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", self.version or self.digest)

    @classmethod
    def of(cls, manifest: Manifest) -> Live:
        """What is live, from a manifest at hand."""
        return cls(content_digest(manifest), lambda: manifest)

    @cached_property
    def manifest(self) -> Manifest:
        """The whole object. Raises what reading it raises."""
        return self.read()


def version_of(uid: str, revision: str, content: str) -> str:
    """The version of an object in a cluster: its uid, the API's resource version, and the digest of its content."""
    return f"{uid} {revision} {content}"


def versions_of(inventory: Inventory, revisions: Mapping[Identity, str]) -> str:
    """The digest of an inventory's revision and of the uid and resource version of objects (``revision_of``)."""
    return digest([inventory.revision, sorted((*one, revision) for one, revision in revisions.items())])


def same_version(one: str, other: str) -> bool:
    """Whether nothing happened between two versions of an object that an apply must know of.

    A resource version moves with every report of a controller; then it is the content that counts.
    """
    first, second = one.split(" "), other.split(" ")
    return one == other or (len(first) == len(second) == 3 and (first[0], first[2]) == (second[0], second[2]))


def uid_of(version: str) -> str:
    """The uid in a version; empty where it has none."""
    return version.partition(" ")[0] if " " in version else ""


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
