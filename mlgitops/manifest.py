"""What a manifest is and what identifies it. Pure functions over plain data.

A manifest is a Kubernetes object as a plain dictionary of JSON types. Which model, environment and target it belongs
to is written on the manifest itself, as labels, so that it is known wherever the manifest goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

Manifest = dict[str, Any]

MANAGED_BY = "mlgitops"
LABEL_PREFIX = "mlgitops.dev/"
LABEL_PROJECT = LABEL_PREFIX + "project"
LABEL_ENVIRONMENT = LABEL_PREFIX + "environment"
LABEL_TARGET = LABEL_PREFIX + "target"
LABEL_MODEL = LABEL_PREFIX + "model"
LABEL_PIPELINE = LABEL_PREFIX + "pipeline"
LABEL_RELEASE = LABEL_PREFIX + "release"
ANNOTATION_RELEASE_DIGEST = LABEL_PREFIX + "release-digest"
ANNOTATION_SOURCE_COMMIT = LABEL_PREFIX + "source-commit"
ANNOTATION_DEPENDS_ON = LABEL_PREFIX + "depends-on"
ANNOTATION_COPIES = LABEL_PREFIX + "copies"
"""What is read from a mirror: on each line the original's URI, a space, and the copy's."""

LINEAGE = {
    "release-digest": "release",
    "artifact-digest": "release.artifact.digest",
    "training-run": "release.trainingRun",
    "training-commit": "release.sourceCommit",
    "data-digest": "release.dataDigest",
    "trained-at": "release.trainedAt",
    "owner": "governance.owner",
    "model-card": "governance.card",
    "data-classification": "governance.dataClassification",
    "lifecycle": "lifecycle.stage",
}
"""Annotations of a model's manifests, without their prefix, and the fields of its spec that they repeat."""


class Identity(NamedTuple):
    """What makes a manifest the same object in two renders: API group, kind, namespace and name, not its version."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if not self.namespace else f"{self.namespace}/{self.kind}/{self.name}"


def identity(manifest: Manifest) -> Identity:
    """The identity of a manifest. Raises ``KeyError`` where apiVersion, kind or metadata.name is missing."""
    group, _, version = manifest["apiVersion"].partition("/")
    metadata = manifest["metadata"]
    return Identity(group if version else "", manifest["kind"], metadata.get("namespace", ""), metadata["name"])


def labels(manifest: Manifest) -> dict[str, str]:
    """The manifest's labels; empty where it has none."""
    return manifest.get("metadata", {}).get("labels") or {}


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8. Equal values have equal text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """``sha256:<64 hex digits>`` of a value's canonical text."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def in_order(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Manifests by identity: the order of all rendered output."""
    return sorted(manifests, key=identity)
