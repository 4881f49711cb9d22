"""Which field of a spec a field of a manifest comes from: the tables of all renderers, asked by path. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from mlgitops.manifest import ANNOTATION_COPIES, ANNOTATION_DEPENDS_ON, LABEL_PREFIX, LABEL_RELEASE, LINEAGE

if TYPE_CHECKING:
    from mlgitops.spec.positions import Pointer

COMMON = {
    "metadata.labels": "",
    "metadata.annotations": "",
    "metadata.namespace": "target:namespace",
    **{f"metadata.labels.{label}": "release.version" for label in (LABEL_RELEASE, "app.kubernetes.io/version")},
    **{f"metadata.annotations.{LABEL_PREFIX}{name}": pointer for name, pointer in LINEAGE.items()},
    f"metadata.annotations.{ANNOTATION_DEPENDS_ON}": "dependsOn",
    f"metadata.annotations.{ANNOTATION_COPIES}": "target:mirrors",
}
"""What the metadata of every manifest comes from; ``""`` is the file as a whole."""
INSTEAD = {
    ("serving", "batch"): ("monitoring", "drift"),
    ("serving", "logger"): ("monitoring", "payloadSink"),
    ("serving", "logger", "mode"): ("monitoring", "payloadSink", "mode"),
    ("serving", "logger", "url"): ("monitoring", "payloadSink", "url"),
    ("serving", "batch", "schedule"): ("monitoring", "drift", "schedule"),
    ("serving", "batch", "timezone"): ("monitoring", "drift", "timezone"),
}
"""Where a model does not say the field on the left, that on the right makes the same place of a manifest."""
TARGET = "target:"
"""Marks a pointer into the Target's spec rather than the model's or pipeline's."""


def spec_pointer(owner: str, kind: str, path: Sequence[str | int]) -> tuple[bool, Pointer]:
    """Whether the Target's spec is meant, and the pointer within that spec or the owner's; empty for the whole.

    ``owner`` is ``Model/NAME`` or ``Pipeline/NAME``, ``kind`` the manifest's, ``path`` the field's within the manifest.
    The longest path that a renderer declares wins. A declared path leaves items of lists out, but may end with one
    (``spec.env.[MODEL_URI]``); with ``.*`` behind that it is about all that is in the item, and wins over longer ones.
    A declared pointer may hold ``[]`` for the item of the name that stands in the path, or ``[PREFIX]`` where the name
    has that prefix there; then the pointer holds ``[NAME]``.
    """
    table = {**COMMON, **_tables(owner.partition("/")[0]).get(kind, {})}
    for declared in (*_whole_items(path), *_from_the_longest(path)):
        if (found := table.get(declared)) is not None:
            pointer = found.removeprefix(TARGET)
            return found.startswith(TARGET), _with_items(pointer.split(".") if pointer else [], path)
    return False, ()


def _whole_items(path: Sequence[str | int]) -> Iterator[str]:
    for length, part in enumerate(path, start=1):
        if isinstance(part, str) and _is_item(part):
            yield f"{next(_declared_as(path[:length]))}.*"


def _from_the_longest(path: Sequence[str | int]) -> Iterator[str]:
    for length in range(len(path), 0, -1):
        yield from _declared_as(path[:length])


def _declared_as(path: Sequence[str | int]) -> Iterator[str]:
    """The ways in which a table may declare a path: with its item, where it ends with one, and without any."""
    names = [part for part in path if isinstance(part, str)]
    plain = [name for name in names if not _is_item(name)]
    if names and _is_item(names[-1]):
        yield ".".join([*plain, names[-1]])
    yield ".".join(plain)


def _with_items(pointer: Sequence[str], path: Sequence[str | int]) -> Pointer:
    """The pointer with the path's items for its own, the last ones if the path has more; cut where none fits."""
    wanted = sum(map(_is_item, pointer))
    items = [part for part in path if isinstance(part, str) and _is_item(part)]
    named = iter(items[len(items) - wanted :] if wanted < len(items) else items)
    found: list[str] = []
    for part in pointer:
        prefix = part.removesuffix("]")
        item = next(named, "") if _is_item(part) else part
        if not item.startswith(prefix):
            break
        found.append(f"[{item.removeprefix(prefix)}" if _is_item(part) else item)
    return tuple(found)


def _is_item(part: str) -> bool:
    return part.startswith("[")


@lru_cache
def _tables(owner_kind: str) -> Mapping[str, Mapping[str, str]]:
    """From the kind of a manifest to its declared paths."""
    found: dict[str, dict[str, str]] = {}
    for sources in _declared(owner_kind):
        for kind, paths in sources.items():
            found.setdefault(kind, {}).update(paths)
    return found


def _declared(owner_kind: str) -> Iterator[Mapping[str, Mapping[str, str]]]:
    from mlgitops.render import (
        batch,
        drift,
        external_secrets,
        inference_graph,
        llm,
        monitoring,
        pipeline,
        realtime,
        streaming,
        traffic,
        training,
        tuning,
        upkeep,
    )

    if owner_kind == "Model":
        yield from (batch.SOURCES, llm.SOURCES, realtime.SOURCES, streaming.SOURCES, monitoring.SOURCES)
        yield from (inference_graph.SOURCES, traffic.SOURCES, drift.SOURCES, upkeep.SOURCES)
        yield external_secrets.sources("serving")
    else:
        yield from (pipeline.SOURCES, training.SOURCES, tuning.SOURCES, external_secrets.sources("steps"))
