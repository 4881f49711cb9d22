from __future__ import annotations

from typing import Any

from mlgitops.check.served.openapi import is_openapi, kinds_of

SPEC = {"type": "object", "properties": {"size": {"type": "integer"}}}


def document(group: str, version: str, **kinds: bool) -> dict[str, Any]:
    """What an API server publishes for a group; whether each kind is in namespaces."""
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    paths, schemas = {}, {}
    for kind, namespaced in kinds.items():
        gvk = {"group": group, "version": version, "kind": kind}
        within = "/namespaces/{namespace}" if namespaced else ""
        collection = f"{root}{within}/{kind.lower()}s"
        paths[collection] = {"post": {"x-kubernetes-group-version-kind": gvk}, "get": {}}
        paths[f"{collection}/{{name}}/scale"] = {"post": {"x-kubernetes-group-version-kind": {**gvk, "kind": "Scale"}}}
        metadata = {"allOf": [{"$ref": "#/components/schemas/Meta"}], "default": {}}
        properties = {"metadata": metadata, "spec": SPEC}
        schemas[f"x.{kind}"] = {
            "type": "object", "properties": properties, "x-kubernetes-group-version-kind": [gvk],
        }  # fmt: skip
    schemas["Meta"] = {"type": "object"}
    return {"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}


def test_every_kind_that_can_be_made_is_found_with_its_place() -> None:
    found = list(kinds_of(document("apps", "v1", Deployment=True, Class=False), "apis/apps/v1"))
    assert [(k.kind, k.plural, k.namespaced, k.source) for k in found] == [
        ("Class", "classs", False, "apis/apps/v1"),
        ("Deployment", "deployments", True, "apis/apps/v1"),
    ]


def test_the_core_has_no_group() -> None:
    (kind,) = kinds_of(document("", "v1", Pod=True), "api/v1")
    assert (kind.api_version, kind.file_name) == ("v1", "Pod_v1.json")


def test_metadata_of_a_custom_kind_is_the_one_that_all_have() -> None:
    (kind,) = kinds_of(document("example.com", "v1", Thing=True), "f")
    assert "definitions" not in kind.schema
    assert "labels" in kind.schema["properties"]["metadata"]["properties"]


def test_documents_are_told_from_others() -> None:
    assert is_openapi(document("", "v1"))
    assert not any(map(is_openapi, [{"openapi": "2.0"}, {"swagger": "2.0"}, {"openapi": "3.1.0"}, [], None]))
