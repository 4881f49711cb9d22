"""Live objects as data: what in them is content, what is ours, and what is the API's own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.manifest import ANNOTATION_SOURCE_COMMIT, LABEL_PREFIX, Identity, Manifest, digest, labels
from mlgitops.targets.inventory import InventoryEntry, Live, content_digest, owner_of, version_of
from mlgitops.targets.kubernetes.ownership import applied_fields

ANNOTATION_APPLIED = LABEL_PREFIX + "applied-digest"
"""The content digest of the manifest that was last applied, so that the same one need not be compared again."""
LABEL_PART_OF = "applyset.kubernetes.io/part-of"
_SERVER_METADATA = (
    "managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink", "deletionTimestamp",
    "deletionGracePeriodSeconds",
)  # fmt: skip
_STAMPS = (ANNOTATION_SOURCE_COMMIT, ANNOTATION_APPLIED)


def revision_of(found: Manifest) -> str:
    """What moves with any change of an object: its uid and the API's resource version."""
    metadata = found["metadata"]
    return f"{metadata['uid']} {metadata['resourceVersion']}"


def live_of(found: Manifest) -> Live:
    """An object as the API gave it."""
    metadata = found["metadata"]
    version = version_of(metadata["uid"], metadata["resourceVersion"], digest(_without_server_fields(found)))
    applied = (metadata.get("annotations") or {}).get(ANNOTATION_APPLIED, "")
    return Live(
        _applied_digest(found), lambda: found, version, applied or "nothing", metadata["uid"], _generation(metadata)
    )  # fmt: skip


def entry_of(one: Identity, found: Manifest) -> InventoryEntry:
    """What the inventory has to say of an object that the API just gave back."""
    metadata = found["metadata"]
    return InventoryEntry(
        one, _applied_digest(found), owner_of(found), metadata["uid"], generation=_generation(metadata)
    )  # fmt: skip


def content_of(found: Manifest) -> Manifest:
    """A live object without what the API keeps and without our stamps: what two of them are compared by."""
    content = _without_server_fields(found)
    annotations = content["metadata"].get("annotations")
    if annotations is not None:
        kept = {key: value for key, value in annotations.items() if key not in _STAMPS}
        rest = {key: value for key, value in content["metadata"].items() if key != "annotations"}
        content["metadata"] = {**rest, "annotations": kept} if kept else rest
    return content


def to_apply(manifest: Manifest, applyset: str) -> dict[str, Any]:
    """The manifest as it is sent: a member of our ApplySet that says which manifest it came from."""
    metadata = manifest["metadata"]
    stamped = {**(metadata.get("annotations") or {}), ANNOTATION_APPLIED: content_digest(manifest)}
    tagged = {**labels(manifest), LABEL_PART_OF: applyset}
    return {**manifest, "metadata": {**metadata, "annotations": stamped, "labels": tagged}}


def is_dependent(found: Manifest) -> bool:
    """Whether another object owns it: controllers copy our labels to what they make."""
    return bool(found["metadata"].get("ownerReferences"))


def _without_server_fields(found: Manifest) -> Manifest:
    metadata = {key: value for key, value in found["metadata"].items() if key not in _SERVER_METADATA}
    return {**{key: value for key, value in found.items() if key != "status"}, "metadata": metadata}


def _applied_digest(found: Manifest) -> str:
    """The digest of the set of fields that we own: whoever changes one of them takes it out of the set.

    Not so a webhook, whose changes the API adds to whoever's request it was without a word about who owns them, nor
    who applies in our name. Source: ``pkg/endpoints/handlers`` of k8s.io/apiserver v0.34, where the sets are worked out
    before admission.
    """
    return digest(applied_fields(found))


def _generation(metadata: Mapping[str, Any]) -> str:
    """What the API counts up with each change of a spec, whoever made it; of kinds that have none, of anything."""
    return str(metadata.get("generation") or metadata["resourceVersion"])
