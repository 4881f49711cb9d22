"""The kinds in an OpenAPI v3 document, as an API server publishes one for each group and version. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.check.served.convert import ConversionError, built_in, custom
from mlgitops.check.served.groups import is_built_in
from mlgitops.check.served.kind import ServedKind

_GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"
_COLLECTION = re.compile(r"/(?:api|apis/[^/]+)/[^/]+(?P<namespaced>/namespaces/\{namespace\})?/(?P<plural>[a-z0-9]+)")


def is_openapi(document: Any) -> bool:
    """Whether a document is one of OpenAPI v3."""
    return (
        isinstance(document, dict)
        and str(document.get("openapi", "")).startswith("3.")
        and isinstance(document.get("components"), dict)
    )


def kinds_of(document: Mapping[str, Any], source: str) -> Iterator[ServedKind]:
    """Every kind of which objects can be made. Raises ``ConversionError``."""
    components = document["components"].get("schemas") or {}
    names = {gvk: name for name, schema in components.items() for gvk in _declared(schema)}
    for gvk, (plural, namespaced) in sorted(_creatable(document.get("paths") or {}).items()):
        group, version, kind = gvk
        if gvk not in names:
            continue
        try:
            schema = _schema(group, names[gvk], components)
            yield ServedKind(group, version, kind, plural, namespaced, source, schema)
        except ValueError as error:
            raise ConversionError(f"{kind} of {group or 'the core'} {version}: {error}") from error


def _schema(group: str, name: str, components: Mapping[str, Any]) -> dict[str, Any]:
    if is_built_in(group):
        return built_in(name, components)
    said = components[name]
    properties = said.get("properties")
    if isinstance(properties, dict):
        # A reference to the built-in metadata, which says nothing about this kind.
        said = {**said, "properties": {key: value for key, value in properties.items() if key != "metadata"}}
    return custom(said, ignores_status=True)


def _creatable(paths: Mapping[str, Any]) -> dict[tuple[str, str, str], tuple[str, bool]]:
    """Plural and scope of every kind that has a collection to which objects are posted."""
    found = {}
    for path, methods in sorted(paths.items()):
        match = _COLLECTION.fullmatch(path)
        post = methods.get("post") if match and isinstance(methods, dict) else None
        gvk = _names(post.get(_GROUP_VERSION_KIND)) if isinstance(post, dict) else None
        if match and gvk:
            found[gvk] = (match["plural"], match["namespaced"] is not None)
    return found


def _declared(schema: Any) -> Iterator[tuple[str, str, str]]:
    listed = schema.get(_GROUP_VERSION_KIND) if isinstance(schema, dict) else None
    for entry in listed if isinstance(listed, list) else ():
        if names := _names(entry):
            yield names


def _names(entry: Any) -> tuple[str, str, str] | None:
    if not isinstance(entry, dict):
        return None
    return str(entry.get("group", "")), str(entry.get("version", "")), str(entry.get("kind", ""))
