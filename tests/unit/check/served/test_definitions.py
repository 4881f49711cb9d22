from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.check.served.convert import ConversionError
from mlgitops.check.served.definitions import definitions_in, kinds_of

Define = Callable[..., dict[str, Any]]


def test_every_version_that_is_served_is_a_kind(define: Define) -> None:
    definition = define({})
    (version,) = definition["spec"]["versions"]
    definition["spec"]["versions"] += [{**version, "name": "v2"}, {**version, "name": "v0", "served": False}]
    assert [kind.api_version for kind in kinds_of(definition, "f")] == ["example.com/v1", "example.com/v2"]


def test_status_is_ignored_where_it_is_a_subresource(define: Define) -> None:
    (with_status,) = kinds_of(define({}, subresources={"status": {}}), "f")
    (without,) = kinds_of(define({}), "f")
    assert with_status.schema["properties"]["status"] == {}
    assert without.schema["properties"]["status"] != {}


def test_definitions_are_found_alone_and_in_lists(define: Define) -> None:
    one = define({})
    untyped = {key: value for key, value in one.items() if key not in ("apiVersion", "kind")}
    assert definitions_in(one) == [one]
    assert definitions_in({"kind": "List", "items": [one, {"kind": "Pod"}]}) == [one]
    assert definitions_in({"kind": "CustomResourceDefinitionList", "items": [untyped]}) == [one]


@pytest.mark.parametrize("document", [None, [], "text", {"kind": "Pod"}, {"kind": "List"}, {"kind": ["List"]}])
def test_other_documents_hold_none(document: Any) -> None:
    assert definitions_in(document) == []


def test_a_patch_of_a_definition_is_none(define: Define) -> None:
    patch = define({})
    del patch["spec"]["names"]
    assert definitions_in(patch) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"apiVersion": "apiextensions.k8s.io/v1beta1"}, "not of apiextensions"),
        ({"spec": {"names": {}, "versions": None}}, "no versions"),
        ({"spec": {"names": {"kind": "Thing"}, "group": "e", "versions": [{"name": "v1", "served": True}]}},
         r"things\.example\.com v1: schema is not a schema"),
        ({"spec": {"names": {"kind": "../x"}, "group": "e", "versions": [
            {"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"type": "object"}}}]}}, "no name that"),
    ],
)  # fmt: skip
def test_what_no_api_server_would_take_is_refused(define: Define, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        list(kinds_of({**define({}), **change}, "f"))
