from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from mlgitops.check.served import definitions
from mlgitops.check.served.kind import ServedKind, from_json, name_of, to_json

CONTAINER = {
    "type": "object",
    "properties": {name: {"type": "string", "description": f"The {name}"} for name in ("image", "name", "workingDir")},
}


@pytest.fixture
def thing(define: Callable[..., Any]) -> ServedKind:
    (kind,) = definitions.kinds_of(define({"first": CONTAINER, "second": CONTAINER}), "things.yaml")
    return kind


def test_a_file_says_what_it_is_and_keeps_no_descriptions(thing: ServedKind) -> None:
    content = to_json(thing)
    data = orjson.loads(content)
    schema = data.pop("schema")
    assert data == {
        "formatVersion": 1, "group": "example.com", "version": "v1", "kind": "Thing", "plural": "things",
        "namespaced": True, "source": "things.yaml",
    }  # fmt: skip
    assert b"description" not in content
    assert content.count(b"workingDir") == 1
    assert schema["properties"]["spec"]["properties"]["first"] == schema["properties"]["spec"]["properties"]["second"]


def test_the_same_kind_gives_the_same_bytes_whatever_the_order_of_its_fields(define: Callable[..., Any]) -> None:
    one, other = (
        to_json(*definitions.kinds_of(define(fields), "f"))
        for fields in ({"a": CONTAINER, "b": {"type": "string"}}, {"b": {"type": "string"}, "a": CONTAINER})
    )
    assert one == other


def test_a_file_is_read_back(thing: ServedKind) -> None:
    read = from_json(to_json(thing))
    assert to_json(read) == to_json(thing)
    assert read.api_version == "example.com/v1"


@pytest.mark.parametrize(
    "change",
    [lambda d: d.pop("kind"), lambda d: d.update(formatVersion=2), lambda d: d.update(schema=[]),
     lambda d: d.update(kind="../Thing"), lambda d: d.update(kind=1)],
)  # fmt: skip
def test_what_no_import_wrote_is_refused(thing: ServedKind, change: Callable[[dict[str, Any]], Any]) -> None:
    data = orjson.loads(to_json(thing))
    change(data)
    with pytest.raises(ValueError, match=r"formatVersion|missing|mapping|no name"):
        from_json(orjson.dumps(data))


@pytest.mark.parametrize(("group", "name"), [("example.com", "Thing.example.com_v1.json"), ("", "Thing_v1.json")])
def test_a_files_name_tells_the_kind(thing: ServedKind, group: str, name: str) -> None:
    kind = replace(thing, group=group)
    assert kind.file_name == name
    found = name_of(name)
    assert found is not None
    assert (found.group, found.version, found.kind) == (group, "v1", "Thing")


@pytest.mark.parametrize("name", ["README.md", "thing_v1.json", "Thing.json", "Thing.example.com_v1.yaml"])
def test_other_files_are_no_kinds(name: str) -> None:
    assert name_of(name) is None


@pytest.mark.parametrize(
    "change", [{"kind": "../Thing"}, {"kind": "thing"}, {"version": "v1/x"}, {"group": "a/b"}, {"group": ".."}]
)
def test_no_name_leads_out_of_the_folder(thing: ServedKind, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no name that"):
        replace(thing, **change)
