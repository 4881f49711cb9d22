"""What each patch, replica count and merging generator of an overlay is about: the objects it names, and what it says.

kustomize fails where one of these names an object that is not there, so a build that holds only some of the objects
must not be given those that name the others. Rules from kustomize v5.8.2: ``PatchTransformer``,
``ReplicaCountTransformer``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlgitops.render.overlay.fields import GENERATORS
from mlgitops.render.overlay.kustomization import Kustomization
from mlgitops.render.overlay.paths import resolve
from mlgitops.render.overlay.references import Overlay
from mlgitops.render.overlay.values import documents, strings

Named = tuple[str, str]
"""A kind and a name: all that is looked at, since versions and namespaces may be left out or changed on the way."""

REPLICATED = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_LITERAL = re.compile(r"[a-z0-9-]+")
_IDENTITY = frozenset({"", "/metadata", "/metadata/name", "/metadata/namespace", "/kind", "/apiVersion"})
_NOT_NAMES = frozenset({"labels", "matchLabels"})


class Place(NamedTuple):
    """An item of a list in a kustomization."""

    directory: str
    field: str
    position: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An item that changes objects.

    ``wanted`` has, for each object that has to exist, what it may be; it is empty for an item that selects any number
    of objects. ``target`` is the one name that the item selects, empty if it selects otherwise. ``mentioned`` are the
    strings it may write into objects. ``moves`` says whether it may change what identifies an object.
    """

    place: Place
    wanted: tuple[frozenset[Named], ...] = ()
    target: str = ""
    mentioned: frozenset[str] = frozenset()
    moves: bool = False


def entries(overlay: Overlay) -> list[Entry]:
    """The entries of those kustomizations of the overlay that work on rendered objects."""
    return [entry for directory in overlay.seeing for entry in _entries(overlay, overlay.kustomizations[directory])]


def mentions(document: Any) -> frozenset[str]:
    """Every string of an object or patch in which a name of another object can stand.

    Labels and selectors are left out, and the object's own name and namespace: kustomize follows no names there.
    """
    if not isinstance(document, dict):
        return frozenset(strings(document))
    rest = {key: value for key, value in document.items() if key not in ("apiVersion", "kind", "metadata")}
    metadata = document.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return frozenset(strings([rest, annotations], without=_NOT_NAMES))


def named(document: Any) -> Named | None:
    """The kind and name of an object or of a strategic merge patch; None where it has none."""
    metadata = document.get("metadata") if isinstance(document, dict) else None
    kind, name = (
        (document["kind"], metadata.get("name")) if isinstance(metadata, dict) and "kind" in document else ("", "")
    )
    return (kind, name) if isinstance(kind, str) and isinstance(name, str) and name else None


def own_objects(overlay: Overlay) -> frozenset[Named]:
    """Kind and name of the objects that the overlay adds itself, before its bases rename them."""
    added = {named(item) for path in overlay.resources for item in overlay.documents[path]}
    generated = {
        (_generated_kind(field), str(item.get("name")))
        for kustomization in overlay.kustomizations.values()
        for field in GENERATORS
        for item in kustomization.value.get(field) or ()
        if not _merges(item)
    }
    return frozenset({*added, *generated} - {None})  # type: ignore[arg-type]


def own_mentions(overlay: Overlay) -> frozenset[str]:
    """Every string by which an object that the overlay adds can name another one, also by a patch of a base."""
    found = {text for path in overlay.resources for item in overlay.documents[path] for text in mentions(item)}
    for directory, kustomization in overlay.kustomizations.items():
        if directory not in overlay.seeing:
            for item in kustomization.value.get("patches") or ():
                found.update(text for doc in _patch_documents(overlay, kustomization, item) for text in mentions(doc))
    return frozenset(found)


def _entries(overlay: Overlay, source: Kustomization) -> Iterator[Entry]:
    for index, item in _items(source, "patches"):
        yield _patch(overlay, source, Place(source.directory, "patches", index), item)
    for index, item in _items(source, "replicas"):
        wanted = frozenset((kind, str(item.get("name"))) for kind in REPLICATED)
        yield Entry(Place(source.directory, "replicas", index), (wanted,))
    for field in GENERATORS:
        for index, item in _items(source, field):
            if _merges(item):
                wanted = frozenset({(_generated_kind(field), str(item.get("name")))})
                yield Entry(Place(source.directory, field, index), (wanted,))


def _items(source: Kustomization, field: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    items = source.value.get(field)
    return [(i, item) for i, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []


def _merges(item: Mapping[str, Any]) -> bool:
    return item.get("behavior") in ("merge", "replace")


def _generated_kind(field: str) -> str:
    return "ConfigMap" if field == "configMapGenerator" else "Secret"


def _patch(overlay: Overlay, source: Kustomization, place: Place, item: Mapping[str, Any]) -> Entry:
    content = _patch_documents(overlay, source, item)
    options = item.get("options")
    return Entry(
        place,
        wanted=() if item.get("target") else tuple(frozenset({n}) for n in map(named, content) if n),
        target=_literal_name(item.get("target")),
        mentioned=frozenset(text for document in content for text in mentions(document)),
        moves=bool(options) or any(_changes_identity(document) for document in content),
    )


def _patch_documents(overlay: Overlay, source: Kustomization, item: Mapping[str, Any]) -> tuple[Any, ...]:
    if isinstance(item.get("patch"), str):
        return documents(item["patch"].encode())
    path = item.get("path")
    return overlay.documents.get(str(resolve(source.directory, path)), ()) if isinstance(path, str) else ()


def _literal_name(target: Any) -> str:
    name = target.get("name") if isinstance(target, dict) else None
    return name if isinstance(name, str) and _LITERAL.fullmatch(name) else ""


def _changes_identity(document: Any) -> bool:
    operations = document if isinstance(document, list) else ()
    return any(
        isinstance(operation, dict) and (operation.get("path") in _IDENTITY or operation.get("from") in _IDENTITY)
        for operation in operations
    )
