"""From the schemas that Kubernetes publishes to strict JSON Schema draft-07: what the API would prune is refused. Pure.

Rules from Kubernetes 1.34: ``apiextensions-apiserver/pkg/apiserver/schema`` (structural schemas, pruning, defaulting)
and ``kube-openapi/pkg/validation`` (values). Not carried over are CEL rules (``x-kubernetes-validations``), the keys
of lists that are maps, and formats: the API takes ``int32`` of any size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

Schema = dict[str, Any]

MAX_DEPTH = 100
"""How deeply a schema may be nested. Those of pods in custom resources stay below 40."""
MAX_NODES = 200_000
"""Schemas within one schema, aliases written out. KServe's InferenceService has about 30,000."""

REFERENCE = "#/components/schemas/"
_KEPT = (
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "multipleOf",
    "minimum", "maximum",
)  # fmt: skip
_JUNCTIONS = ("allOf", "anyOf", "oneOf")
_TEXTS: Schema = {"type": ["object", "null"], "additionalProperties": {"type": "string"}}
METADATA: Schema = {
    "type": "object",
    "properties": {
        **{name: {} for name in (
            "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generation",
            "managedFields", "ownerReferences", "resourceVersion", "selfLink", "uid",
        )},
        "name": {"type": "string"},
        "generateName": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": _TEXTS,
        "annotations": _TEXTS,
    },
    "additionalProperties": False,
}  # fmt: skip
"""An object's metadata: its fields (ObjectMeta of meta/v1) are known, but only those that people write are typed."""
_IDENTITY: Schema = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}


class ConversionError(ValueError):
    """A schema that is not what Kubernetes would serve; the message says where and why."""


def custom(schema: Any, *, ignores_status: bool) -> Schema:
    """The strict schema of a custom resource, from its definition's ``openAPIV3Schema``.

    ``ignores_status`` says that the kind has a status subresource, so that what is written into status is dropped.
    Raises ``ConversionError``.
    """
    return _root(_Conversion(open_objects=False).schema(schema, "schema"), ignores_status)


def built_in(name: str, components: Mapping[str, Any]) -> Schema:
    """The strict schema of a kind that is compiled into Kubernetes: component ``name`` of an OpenAPI v3 document.

    All that it refers to goes into ``definitions``. Raises ``ConversionError``.
    """
    conversion = _Conversion(open_objects=True)
    root = _root(conversion.schema(components.get(name), name), ignores_status=True)
    definitions: Schema = {}
    while missing := sorted(conversion.wanted - definitions.keys()):
        for wanted in missing:
            definitions[wanted] = conversion.schema(components.get(wanted), wanted)
    return {**root, "definitions": definitions} if definitions else root


def _root(schema: Schema, ignores_status: bool) -> Schema:
    """An object's whole schema: with apiVersion, kind and metadata, which no definition has to declare."""
    properties = {**schema.get("properties", {}), **_IDENTITY}
    said = properties.get("metadata", {})
    own = said if "$ref" not in said and len(said) > 1 else None
    properties["metadata"] = {"allOf": [METADATA, _only_values(own)]} if own else METADATA
    if ignores_status and "status" in properties:
        properties["status"] = {}
    return {**schema, "type": "object", "properties": dict(sorted(properties.items()))}


def _only_values(metadata: Schema) -> Schema:
    """What a definition says about its objects' names; which fields metadata has is not for it to say."""
    return {key: value for key, value in metadata.items() if key != "additionalProperties"}


class _Conversion:
    """Converts the schemas of one kind. ``wanted`` are the components that were referred to.

    ``open_objects`` says what an object without fields is: anything at all in the types compiled into Kubernetes
    (RawExtension), an empty object in a definition.
    """

    def __init__(self, *, open_objects: bool) -> None:
        self.wanted: set[str] = set()
        self._open_objects = open_objects
        self._nodes = 0
        self._depth = 0

    def schema(self, given: Any, where: str) -> Schema:
        """A schema that says which fields there are: all others are refused."""
        said = self._enter(given, where)
        try:
            if (reference := _reference(said)) is not None:
                self.wanted.add(reference)
                return {"$ref": f"#/definitions/{reference}"}
            converted = self._values(said, where)
            converted.update(self._structure(said, where))
            return _nullable(converted) if said.get("nullable") is True else converted
        finally:
            self._depth -= 1

    def _enter(self, given: Any, where: str) -> Schema:
        self._nodes += 1
        self._depth += 1
        if not isinstance(given, dict):
            raise ConversionError(f"{where} is not a schema")
        if self._nodes > MAX_NODES:
            raise ConversionError(f"it has more than {MAX_NODES:,} schemas within")
        if self._depth > MAX_DEPTH:
            raise ConversionError(f"{where} is nested more than {MAX_DEPTH} levels deep")
        return given

    def _structure(self, said: Schema, where: str) -> Schema:
        """Fields and items, and whether others are refused."""
        structure: Schema = {}
        properties = _mapping(said, "properties", where)
        embedded = said.get("x-kubernetes-embedded-resource") is True
        if properties:
            structure["properties"] = {
                name: self.schema(properties[name], f"{where}.{name}") for name in sorted(properties)
            }
        if embedded:
            structure["properties"] = {**structure.get("properties", {}), **_IDENTITY, "metadata": METADATA}
        if "items" in said:
            structure["items"] = self.schema(said["items"], f"{where}[]")
        structure.update(self._rest(said, where, bool(properties) or embedded))
        required = [*_required(said, properties, where), *(("apiVersion", "kind") if embedded else ())]
        if required:
            structure["required"] = sorted(set(required))
        return structure

    def _rest(self, said: Schema, where: str, has_fields: bool) -> Schema:
        """What becomes of fields that have no name in the schema."""
        others = said.get("additionalProperties")
        if isinstance(others, dict):
            return {"additionalProperties": self.schema(others, f"{where}.*")}
        if others is True or said.get("x-kubernetes-preserve-unknown-fields") is True:
            return {}
        is_object = has_fields or (said.get("type") == "object" and not self._open_objects)
        return {"additionalProperties": False} if is_object else {}

    def _values(self, said: Schema, where: str) -> Schema:
        """What is said about the value itself, fields and items apart."""
        values: Schema = {key: said[key] for key in _KEPT if isinstance(said.get(key), int | float)}
        values.update(_type(said))
        values.update(_bounds(said))
        if isinstance(enum := said.get("enum"), list) and not any(isinstance(one, dict | list) for one in enum):
            values["enum"] = enum
        if isinstance(pattern := said.get("pattern"), str) and is_readable(pattern):
            values["pattern"] = pattern
        if said.get("x-kubernetes-list-type") == "set":
            values["uniqueItems"] = True
        for key, members in self._junctions(said, where):
            values[key] = members
        return values

    def _junctions(self, said: Schema, where: str) -> Iterator[tuple[str, Any]]:
        for key in _JUNCTIONS:
            members = said.get(key)
            if isinstance(members, list) and _types_of(members) is None:
                yield key, [self._value(member, f"{where}.{key}") for member in members]
        if "not" in said:
            yield "not", self._value(said["not"], f"{where}.not")

    def _value(self, given: Any, where: str) -> Schema:
        """A schema within allOf, anyOf, oneOf or not: it says nothing about which fields there are."""
        said = self._enter(given, where)
        try:
            if _reference(said) is not None:
                return self.schema(said, where)
            values = self._values(said, where)
            properties = _mapping(said, "properties", where)
            if properties:
                values["properties"] = {name: self._value(properties[name], where) for name in sorted(properties)}
            if isinstance(others := said.get("additionalProperties"), dict):
                values["additionalProperties"] = self._value(others, where)
            if "items" in said:
                values["items"] = self._value(said["items"], where)
            if required := _required(said, {}, where):
                values["required"] = required
            return values
        finally:
            self._depth -= 1


def _reference(said: Schema) -> str | None:
    """The component that a schema is; Kubernetes wraps a reference into allOf where it adds a default."""
    wrapped = said.get("allOf")
    if isinstance(wrapped, list) and len(wrapped) == 1 and isinstance(wrapped[0], dict) and "$ref" in wrapped[0]:
        said = wrapped[0]
    reference = said.get("$ref")
    if reference is None:
        return None
    if not isinstance(reference, str) or not reference.startswith(REFERENCE):
        raise ConversionError(f"the reference {reference!r} leads out of the document")
    return reference.removeprefix(REFERENCE)


def _type(said: Schema) -> Schema:
    if said.get("x-kubernetes-int-or-string") is True:
        return {"type": ["integer", "string"]}
    if isinstance(said.get("type"), str):
        return {"type": said["type"]}
    for key in ("anyOf", "oneOf"):
        if types := _types_of(said.get(key)):
            return {"type": types}
    return {}


def _types_of(members: Any) -> list[str] | None:
    """The types, where a junction only chooses between types: a quantity, or an integer or a string."""
    if not isinstance(members, list) or not members:
        return None
    if not all(isinstance(member, dict) and list(member) == ["type"] for member in members):
        return None
    types = [member["type"] for member in members]
    return types if set(types) in ({"integer", "string"}, {"number", "string"}) else None


def _bounds(said: Schema) -> Schema:
    """Bounds as draft-07 has them, where an exclusive bound is a number of its own."""
    bounds: Schema = {}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if said.get(exclusive) is True and bound in said:
            bounds[exclusive] = said[bound]
    return bounds


def _nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    if any(key in schema for key in ("$ref", "not", *_JUNCTIONS)):
        return {"anyOf": [{"type": "null"}, schema]}
    types = schema.get("type")
    if types is not None:
        types = types if isinstance(types, list) else [types]
        schema = {**schema, "type": types if "null" in types else [*types, "null"]}
    if "enum" in schema and None not in schema["enum"]:
        schema = {**schema, "enum": [*schema["enum"], None]}
    return schema


def _required(said: Schema, properties: Mapping[str, Any], where: str) -> list[str]:
    """What has to be written: a field with a default is filled in before anything is checked."""
    required = said.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise ConversionError(f"{where}: required is not a list of names")
    defaulted = {name for name, schema in properties.items() if isinstance(schema, dict) and "default" in schema}
    return sorted({*required} - defaulted)


def _mapping(said: Schema, key: str, where: str) -> Mapping[str, Any]:
    value = said.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConversionError(f"{where}: {key} is not a mapping")
    return value


@lru_cache(maxsize=4096)
def is_readable(pattern: str) -> bool:
    """Whether a regular expression, in Go's words, is one for the validator too; others are not checked."""
    from jsonschema_rs import Draft7Validator, RegexOptions

    try:
        Draft7Validator({"pattern": pattern}, pattern_options=RegexOptions())
    except ValueError:
        return False
    return True
