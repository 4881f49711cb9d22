"""Which field of a spec a field of a manifest comes from: the tables of all renderers, asked by path. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from mlgitops.manifest import LABEL_PREFIX, LABEL_RELEASE, LINEAGE

if TYPE_CHECKING:
    from mlgitops.spec.positions import Pointer

COMMON = {
    "metadata.labels": "",
    "metadata.annotations": "",
    "metadata.namespace": "target:namespace",
    **{f"metadata.labels.{label}": "release.version" for label in (LABEL_RELEASE, "app.kubernetes.io/version")},
    **{f"metadata.annotations.{LABEL_PREFIX}{name}": pointer for name, pointer in LINEAGE.items()},
}
"""What the metadata of every manifest comes from; ``""`` is the file as a whole."""
TARGET = "target:"
"""Marks a pointer into the Target's spec rather than the model's or pipeline's."""


def spec_pointer(owner: str, kind: str, path: Sequence[str | int]) -> tuple[bool, Pointer]:
    """Whether the Target's spec is meant, and the pointer within that spec or the owner's; empty for the whole.

    ``owner`` is ``Model/NAME`` or ``Pipeline/NAME``, ``kind`` the manifest's, ``path`` the field's within the manifest,
    in which items of lists (indices, ``[NAME]``) do not count. The longest path that a renderer declares wins.
    """
    table = {**COMMON, **_tables(owner.partition("/")[0]).get(kind, {})}
    names = [part for part in path if isinstance(part, str) and not part.startswith("[")]
    for length in range(len(names), 0, -1):
        found = table.get(".".join(names[:length]))
        if found is not None:
            pointer = found.removeprefix(TARGET)
            return found.startswith(TARGET), tuple(pointer.split(".")) if pointer else ()
    return False, ()


@lru_cache
def _tables(owner_kind: str) -> Mapping[str, Mapping[str, str]]:
    """From the kind of a manifest to its declared paths."""
    found: dict[str, dict[str, str]] = {}
    for sources in _declared(owner_kind):
        for kind, paths in sources.items():
            found.setdefault(kind, {}).update(paths)
    return found


def _declared(owner_kind: str) -> Iterator[Mapping[str, Mapping[str, str]]]:
    from mlgitops.render import batch, monitoring, pipeline, realtime, training

    if owner_kind == "Model":
        yield from (batch.SOURCES, realtime.SOURCES, monitoring.SOURCES)
    else:
        yield from (pipeline.SOURCES, training.SOURCES)
