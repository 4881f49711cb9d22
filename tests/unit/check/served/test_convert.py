from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft7Validator, RegexOptions

from mlgitops.check.served.convert import MAX_DEPTH, ConversionError, built_in, custom
from mlgitops.check.served.sharing import shared

PRESERVED = {"x-kubernetes-preserve-unknown-fields": True}
OPEN = {"type": "object", **PRESERVED}
INT_OR_STRING = {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}
EMBEDDED = {"type": "object", "x-kubernetes-embedded-resource": True, **PRESERVED}
AN_OBJECT = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"x": 1}}
ONE_OF = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
TWO = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Whether the field ``spec`` of a kind may have the value."""
    root = custom({"type": "object", "properties": {"spec": schema}}, ignores_status=False)
    return validator(root).is_valid({"apiVersion": "example.com/v1", "kind": "Thing", "spec": value})


def validator(schema: dict[str, Any]) -> Draft7Validator:
    return Draft7Validator(schema, pattern_options=RegexOptions())


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string"}, "a", 1),
        ({"type": "string"}, "a", None),
        ({"type": "string", "nullable": True}, None, 1),
        ({"type": "string", "enum": ["a"], "nullable": True}, None, "b"),
        ({"type": "string", "enum": ["a"]}, "a", None),
        ({"type": "object", "nullable": True, **ONE_OF, "properties": TWO["properties"]}, None, {}),
        (INT_OR_STRING, 1, 1.5),
        (INT_OR_STRING, "1", True),
        ({**INT_OR_STRING, "nullable": True}, None, []),
        ({**INT_OR_STRING, "pattern": "^[0-9]+$"}, "12", "a"),
        (TWO, {"a": "x"}, {"c": "x"}),
        ({"type": "object"}, {}, {"a": 1}),
        (OPEN, {"anything": [1, {}]}, "text"),
        ({**TWO, **PRESERVED}, {"c": 1}, {"a": 1}),
        ({**OPEN, "properties": {"in": TWO}}, {"c": 1, "in": {}}, {"in": {"c": 1}}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"any": 1}, {"any": "x"}),
        ({"type": "object", "additionalProperties": TWO}, {"any": {"a": "x"}}, {"any": {"c": "x"}}),
        ({"type": "array", "items": TWO}, [{"a": "x"}], [{"c": "x"}]),
        ({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}, ["a", "b"], ["a", "a"]),
        ({**TWO, "required": ["a"]}, {"a": "x"}, {"b": "x"}),
        ({**TWO, **ONE_OF}, {"a": "x"}, {"a": "x", "b": "y"}),
        ({**TWO, "not": {"required": ["a"]}}, {"b": "x"}, {"a": "x"}),
        ({**TWO, "anyOf": [{"properties": {"a": {"enum": ["x"]}}}]}, {"a": "x", "b": "y"}, {"a": "z"}),
        ({"type": "integer", "format": "int32", "minimum": 0}, 2**31, -1),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, 1, 0),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": True}, 0.5, 1),
        ({"type": "integer", "multipleOf": 2}, 4, 3),
        ({"type": "string", "pattern": "^a+$"}, "aa", "b"),
        (EMBEDDED, AN_OBJECT, {"spec": {}}),
        ({**EMBEDDED, "x-kubernetes-preserve-unknown-fields": False}, {"apiVersion": "v1", "kind": "P"}, AN_OBJECT),
    ],
)  # fmt: skip
def test_a_value_is_accepted_where_the_api_takes_it_whole(schema: dict[str, Any], good: Any, bad: Any) -> None:
    assert accepts(schema, good)
    assert not accepts(schema, bad)


def test_a_field_with_a_default_need_not_be_written() -> None:
    schema = {**TWO, "required": ["a"], "properties": {"a": {"type": "string", "default": "x"}}}
    assert accepts(schema, {})
    assert not accepts(schema, {"a": 1})


@pytest.mark.parametrize("schema", [{"type": "string", "format": "date"}, {"type": "string", "pattern": r"^\pL+\z$"}])
def test_what_only_go_understands_is_not_checked(schema: dict[str, Any]) -> None:
    assert accepts(schema, "anything")


@pytest.mark.parametrize(
    ("manifest", "good"),
    [
        ({"metadata": {"name": "a", "labels": {"a": "b"}, "annotations": None, "creationTimestamp": None}}, True),
        ({"metadata": {"name": "a", "lables": {}}}, False),
        ({"metadata": {"labels": {"a": 1}}}, False),
        ({"metadata": {"name": "longer"}}, False),
        ({"status": {"whatever": 1}}, True),
        ({"other": 1}, False),
    ],
)
def test_the_root_has_what_every_object_has(manifest: dict[str, Any], good: bool) -> None:
    properties = {
        "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 3}}},
        "status": {"type": "object"},
    }
    schema = custom({"type": "object", "properties": properties}, ignores_status=True)
    assert validator(schema).is_valid({"apiVersion": "e/v1", "kind": "T", **manifest}) is good


def test_status_is_a_field_like_others_where_it_is_not_a_subresource() -> None:
    schema = custom({"type": "object", "properties": {"status": TWO}}, ignores_status=False)
    assert not validator(schema).is_valid({"status": {"c": 1}})


REFERRED = {
    "Deployment": {
        "type": "object",
        "properties": {
            "metadata": {"allOf": [{"$ref": "#/components/schemas/ObjectMeta"}], "default": {}},
            "spec": {"allOf": [{"$ref": "#/components/schemas/Spec"}], "default": {}},
        },
    },
    "Spec": {
        "type": "object",
        "properties": {
            "cpu": {"$ref": "#/components/schemas/Quantity"},
            "raw": {"type": "object"},
            "within": {"$ref": "#/components/schemas/Spec"},
        },
    },
    "Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "ObjectMeta": {"type": "object"},
}


@pytest.mark.parametrize(
    ("spec", "good"),
    [
        ({"cpu": "1", "raw": {"any": 1}}, True),
        ({"within": {"within": {"cpu": 0.5}}}, True),
        ({"within": {"within": {"cpus": 1}}}, False),
        ({"cpu": []}, False),
    ],
)
def test_a_built_in_kind_is_converted_with_all_that_it_refers_to(spec: Any, good: bool) -> None:
    schema = built_in("Deployment", REFERRED)
    assert set(schema["definitions"]) == {"Spec", "Quantity", "ObjectMeta"}
    assert validator(schema).is_valid({"spec": spec}) is good
    assert validator(shared(schema)).is_valid({"spec": spec}) is good


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (None, "is not a schema"),
        ({"type": "object", "properties": []}, "properties is not a mapping"),
        ({"type": "object", "properties": {"a": 1}}, r"schema.a is not a schema"),
        ({"required": "a"}, "required is not a list"),
        ({"$ref": "https://example.com/x"}, "leads out of the document"),
    ],
)
def test_what_is_no_schema_is_refused(schema: Any, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        custom(schema, ignores_status=False)


def test_depth_and_size_are_bounded() -> None:
    deep: dict[str, Any] = {}
    wide: dict[str, Any] = {"type": "object"}
    for _ in range(MAX_DEPTH):
        deep = {"type": "array", "items": deep}
    for _ in range(12):
        wide = {"type": "object", "properties": {str(n): wide for n in range(10)}}
    with pytest.raises(ConversionError, match="levels deep"):
        custom(deep, ignores_status=False)
    with pytest.raises(ConversionError, match="more than 200,000"):
        custom(wide, ignores_status=False)


NAMES = st.sampled_from("abc")
leaves = st.sampled_from(
    [{"type": "string"}, {"type": "integer"}, {"type": "boolean", "nullable": True}, INT_OR_STRING, {"type": "object"}]
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda p: {"type": "object", "properties": p}, st.dictionaries(NAMES, inner, max_size=3)),
        st.builds(lambda p: {**OPEN, "properties": p}, st.dictionaries(NAMES, inner, max_size=2)),
        st.builds(lambda p: {"type": "object", "additionalProperties": p}, inner),
        st.builds(lambda p: {"type": "array", "items": p}, inner),
    ),
    max_leaves=8,
)
values = st.recursive(
    st.sampled_from(["x", 1, True, None]),
    lambda inner: st.one_of(st.dictionaries(NAMES, inner, max_size=3), st.lists(inner, max_size=2)),
    max_leaves=6,
)


def pruned(value: Any, schema: dict[str, Any]) -> Any:
    """What the API keeps of a value."""
    if isinstance(value, list):
        return [pruned(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    kept = {}
    for key, item in value.items():
        if key in properties:
            kept[key] = pruned(item, properties[key])
        elif others is not None:
            kept[key] = pruned(item, others)
        elif schema.get("x-kubernetes-preserve-unknown-fields"):
            kept[key] = item
    return kept


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """The same in draft-07 words, with nothing said about unknown fields."""
    said = {**schema}
    if said.pop("nullable", False):
        said["type"] = [said["type"], "null"]
    for key in ("items", "additionalProperties"):
        if key in said:
            said[key] = plain(said[key])
    if "properties" in said:
        said["properties"] = {name: plain(inner) for name, inner in said["properties"].items()}
    return said


@given(schemas, values)
def test_accepted_is_what_the_plain_schema_accepts_and_pruning_leaves_alone(schema: dict[str, Any], value: Any) -> None:
    valid = jsonschema.Draft7Validator(plain(schema)).is_valid(value)
    assert accepts(schema, value) == (valid and pruned(value, schema) == value)


@given(st.lists(schemas, min_size=2, max_size=3), values)
def test_sharing_changes_no_verdict(given_schemas: list[dict[str, Any]], value: Any) -> None:
    fields = {str(n): schema for n, schema in enumerate([*given_schemas, *given_schemas])}
    whole = custom({"type": "object", "properties": fields}, ignores_status=False)
    small = shared(whole)
    for name in fields:
        manifest = {name: value}
        assert validator(small).is_valid(manifest) == validator(whole).is_valid(manifest)
