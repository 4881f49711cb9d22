"""Reading what kustomize built, and putting the results of batches together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import yaml

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.values import Loader


def manifests_of(output: bytes) -> list[Manifest]:
    """The objects in kustomize's output, with every string the string it was."""
    return [document for document in yaml.load_all(output, Loader=Loader) if document]


def joined(results: Sequence[Sequence[Manifest]]) -> list[Manifest] | None:
    """The objects of all batches, those that are in every batch once.

    None if the batches disagree: an object is in several but not in all of them, or not the same in all. Then only one
    build of everything can tell what is right.
    """
    if len(results) == 1:
        return list(results[0])
    counts = Counter(_key(manifest) for result in results for manifest in result)
    first = {_key(manifest): manifest for result in reversed(results) for manifest in result}
    agreed = all(
        counts[_key(manifest)] == 1 or (counts[_key(manifest)] == len(results) and manifest == first[_key(manifest)])
        for result in results
        for manifest in result
    )
    return list(first.values()) if agreed else None


def _key(manifest: Manifest) -> tuple[Any, ...]:
    metadata = manifest.get("metadata") or {}
    return manifest.get("apiVersion"), manifest.get("kind"), metadata.get("namespace"), metadata.get("name")
