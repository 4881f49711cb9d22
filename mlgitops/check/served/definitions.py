"""The kinds that custom resource definitions make a target serve. Pure.

Only ``apiextensions.k8s.io/v1`` is read: Kubernetes has served no other version of definitions since 1.22.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlgitops.check.served.convert import ConversionError, custom
from mlgitops.check.served.kind import ServedKind

_LISTS = ("List", "CustomResourceDefinitionList")
_TYPED = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}


def is_definition(document: Any) -> bool:
    """Whether a document is a whole definition; a patch of one has no names."""
    return (
        isinstance(document, dict)
        and document.get("kind") == "CustomResourceDefinition"
        and isinstance(document.get("spec"), dict)
        and "names" in document["spec"]
    )


def definitions_in(document: Any) -> list[dict[str, Any]]:
    """The definitions in a document: itself, or the items of a list."""
    if not isinstance(document, dict) or document.get("kind") not in _LISTS:
        return [document] if is_definition(document) else []
    items = document.get("items")
    # Items of a list that an API server gave carry neither apiVersion nor kind.
    given = _TYPED if document["kind"] == "CustomResourceDefinitionList" else {}
    typed = [{**given, **item} for item in (items if isinstance(items, list) else ()) if isinstance(item, dict)]
    return [item for item in typed if is_definition(item)]


def kinds_of(definition: dict[str, Any], source: str) -> Iterator[ServedKind]:
    """A kind for every version that is served. Raises ``ConversionError``."""
    metadata = definition.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, dict) else ""
    if definition.get("apiVersion") != "apiextensions.k8s.io/v1":
        raise ConversionError(f"{name} is not of apiextensions.k8s.io/v1")
    spec = definition["spec"]
    versions = spec.get("versions")
    if not isinstance(versions, list) or not isinstance(spec["names"], dict):
        raise ConversionError(f"{name} has no versions or no names")
    for version in versions:
        if isinstance(version, dict) and version.get("served") is True:
            try:
                yield _kind(spec, version, source)
            except ValueError as error:
                raise ConversionError(f"{name} {version.get('name')}: {error}") from error


def _kind(spec: dict[str, Any], version: dict[str, Any], source: str) -> ServedKind:
    schema, subresources = version.get("schema"), version.get("subresources")
    declared = schema.get("openAPIV3Schema") if isinstance(schema, dict) else None
    if spec.get("preserveUnknownFields") is True and isinstance(declared, dict):
        declared = {**declared, "x-kubernetes-preserve-unknown-fields": True}
    has_status = isinstance(subresources, dict) and "status" in subresources
    return ServedKind(
        group=str(spec.get("group", "")),
        version=str(version.get("name", "")),
        kind=str(spec["names"].get("kind", "")),
        plural=str(spec["names"].get("plural", "")),
        namespaced=spec.get("scope") == "Namespaced",
        source=source,
        schema=custom(declared, ignores_status=has_status),
    )
