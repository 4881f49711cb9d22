"""JSON Schemas of the five kinds for editors and CI, in draft-07, which is what yaml-language-server understands. Pure.

They are made from the models and are looser than these where a file need not be whole. Models and pipelines are merged
from layers, so that a file may leave out what another one gives: below their spec nothing is required but the
release's own fields (a release comes from one file only) and the keys by which lists merge; and ``null``, which
deletes in the merge, is allowed as the value of every field. What must be there in the end is told by ``validate``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema

from mlgitops.spec.editor_words import with_words
from mlgitops.spec.fields import Block
from mlgitops.spec.kinds import KINDS, PARTIAL_SPECS
from mlgitops.spec.merge import ITEM_KEYS

DRAFT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, Any]


def schemas() -> dict[str, Schema]:
    """The schema of each kind by its name in lower case, which is also its file's: ``model`` is schemas/model.json."""
    definitions = _definitions()
    return {name.lower(): _of_kind(name, definitions) for name in KINDS}


def of_block(block: type[Block], title: str) -> Schema:
    """The schema of a block that is a file of its own and whole, as evidence is."""
    generated = block.model_json_schema(
        mode="validation", ref_template="#/definitions/{model}", schema_generator=_Generator
    )
    definitions = with_words({name: _block(schema) for name, schema in generated.pop("$defs", {}).items()})
    top = {**_block(generated), "title": title}
    return {
        "$schema": DRAFT,
        **_in_order(top),
        "definitions": {k: _in_order(v) for k, v in sorted(definitions.items())},
    }


def text(schema: Schema) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, told what our validators accept, which it cannot know."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        """Lists become tuples, and quantities may be numbers: what comes out, or also a number where a text does."""
        inner = self.generate_inner(schema["schema"])
        if inner.get("type") != "string":
            return inner
        given = schema.get("json_schema_input_schema", {}).get("choices", ())
        booleans = ["boolean"] if any(choice["type"] == "bool" for choice in given) else []
        return {**inner, "type": ["string", "number", *booleans]}

    def chain_schema(self, schema: Any) -> JsonSchemaValue:
        """What the first step accepts, with the pattern of the steps after it."""
        steps = [self.generate_inner(step) for step in schema["steps"]]
        return {key: value for step in reversed(steps) for key, value in step.items()}

    def encode_default(self, dft: Any) -> Any:
        """The default of a block is what it says otherwise than its fields' own defaults."""
        if isinstance(dft, Block):
            return dft.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return super().encode_default(dft)


def _definitions() -> dict[str, Schema]:
    """Every block of every kind as a definition, in draft-07."""
    parts = {spec for specs in PARTIAL_SPECS.values() for spec in specs.values()}
    models = sorted({*KINDS.values(), *parts}, key=lambda model: model.__name__)
    _, generated = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/definitions/{model}", schema_generator=_Generator
    )
    definitions = {name: _block(schema) for name, schema in generated["$defs"].items()}
    _link_partial_specs(definitions)
    _loosen(definitions)
    return with_words(definitions)


def _of_kind(name: str, definitions: Mapping[str, Schema]) -> Schema:
    """One kind: its own definition at the top, and beneath only what it needs."""
    if name != "Model":
        definitions = {**definitions, "ModelSpec": _without(definitions["ModelSpec"], "release")}
    needed = sorted(_reachable(name, definitions) - {name})
    top = {**definitions[name], "title": f"mlgitops {name}"}
    return {"$schema": DRAFT, **_in_order(top), "definitions": {each: _in_order(definitions[each]) for each in needed}}


def _in_order(schema: Schema) -> Schema:
    """What a block is before what is in it."""
    first = ("title", "description", "type", "additionalProperties", "required", "properties")
    return {key: schema[key] for key in (*first, *(key for key in schema if key not in first)) if key in schema}


def _without(schema: Schema, name: str) -> Schema:
    return {**schema, "properties": {key: value for key, value in schema["properties"].items() if key != name}}


def _block(schema: Schema) -> Schema:
    """A block's schema with its docstring on one line and each field as draft-07 has it."""
    described = {**schema, "description": " ".join(schema.get("description", "").replace("``", "").split())}
    properties = {name: _field(field) for name, field in schema.get("properties", {}).items()}
    return {**described, "properties": properties}


def _field(schema: Schema) -> Schema:
    """A field without pydantic's made-up title, without empty defaults, and with words beside a reference.

    Draft-07 ignores what stands beside ``$ref``, so that a reference with a description goes into ``allOf``.
    """
    field = {key: _nested(value) for key, value in schema.items() if key != "title"}
    if field.get("default", ...) in (None, {}, []):
        del field["default"]
    if "description" in field:
        field["description"] = field["description"].replace("``", "")
    if field.get("type") == "array" and "minLength" in field:  # pydantic does not see the list behind our validator
        field["minItems"] = field.pop("minLength")
    if "patternProperties" in field:
        field = _closed_map(field)
    if "$ref" in field and len(field) > 1:
        field = {"allOf": [{"$ref": field.pop("$ref")}], **field}
    return _merged_null(field)


def _closed_map(field: Schema) -> Schema:
    """A map whose keys must fit a pattern, which ``patternProperties`` alone only says of those that do."""
    rest = {key: value for key, value in field.items() if key != "patternProperties"}
    ((pattern, values),) = field["patternProperties"].items()
    names = {**field.get("propertyNames", {}), "pattern": pattern}
    return {**rest, "propertyNames": names, "additionalProperties": values}


def _nested(value: Any) -> Any:
    if isinstance(value, dict):
        return _field(value)
    return [_nested(item) for item in value] if isinstance(value, list) else value


def _merged_null(field: Schema) -> Schema:
    """``anyOf`` of a simple type and null as one schema with two types, which editors show better."""
    choices = field.get("anyOf", [])
    others = [choice for choice in choices if choice != {"type": "null"}]
    if len(others) == len(choices) or len(others) != 1 or not {"type", "enum"} & set(others[0]):
        return field
    rest = {key: value for key, value in field.items() if key != "anyOf"}
    return _nullable({**others[0], **rest})


def _nullable(field: Schema) -> Schema:
    """The field, allowing null as well; a reference allows it where its definition does (``_loosen``)."""
    reference = _reference(field)
    if reference is None:
        return _with_null_type(field)
    rest = {key: value for key, value in field.items() if key not in ("$ref", "allOf", "anyOf")}
    return {"allOf": [{"$ref": reference}], **rest} if rest else {"$ref": reference}


def _reference(field: Schema) -> str | None:
    """What a field refers to, by itself, beside a description, or as the other choice to null."""
    choices = [field, *field.get("allOf", []), *field.get("anyOf", [])]
    return next((choice["$ref"] for choice in choices if "$ref" in choice), None)


def _with_null_type(field: Schema) -> Schema:
    loosened = dict(field)
    if "const" in loosened:
        loosened["enum"] = [loosened.pop("const")]
    if "enum" in loosened and None not in loosened["enum"]:
        loosened["enum"] = [*loosened["enum"], None]
    types = loosened.get("type", [])
    types = [types] if isinstance(types, str) else types
    return {**loosened, "type": [*types, "null"]} if types and "null" not in types else loosened


def _link_partial_specs(definitions: dict[str, Schema]) -> None:
    """Puts the spec of models and pipelines where pydantic sees a plain map."""
    for block, specs in PARTIAL_SPECS.items():
        for name, spec in specs.items():
            field = definitions[block.__name__]["properties"][name]
            linked = {"allOf": [{"$ref": f"#/definitions/{spec.__name__}"}], "description": field["description"]}
            definitions[block.__name__]["properties"][name] = linked


def _loosen(definitions: dict[str, Schema]) -> None:
    """Allows null everywhere in the specs that are merged, and takes back what is required there.

    A block that is a field allows null itself, rather than each reference to it by ``anyOf``: editors and validators
    then still name the field inside that is wrong.
    """
    specs = {"ModelSpec", "PipelineSpec"}
    merged = set[str]().union(*(_reachable(spec, definitions) for spec in specs))
    whole = _reachable("Release", definitions)
    blocks = {_reference(field) for name in merged for field in definitions[name]["properties"].values()}
    for name in sorted(merged):
        definitions[name] = _partial(definitions[name], name in whole)
        if f"#/definitions/{name}" in blocks:
            definitions[name]["type"] = ["object", "null"]


def _partial(schema: Schema, whole: bool) -> Schema:
    """A block as a layer may hold it. ``whole`` ones come from one layer only and keep what they require."""
    required = schema.get("required", [])
    kept = required if whole else [key for key in required if key in ITEM_KEYS]
    properties = {
        name: field if name in kept else _nullable(_null_in_maps(field)) for name, field in schema["properties"].items()
    }
    rest = {key: value for key, value in schema.items() if key != "required"}
    return {**rest, **({"required": kept} if kept else {}), "properties": properties}


def _null_in_maps(field: Schema) -> Schema:
    values = field.get("additionalProperties")
    return {**field, "additionalProperties": _nullable(values)} if isinstance(values, dict) else field


def _reachable(name: str, definitions: Mapping[str, Schema]) -> set[str]:
    """The names of the definitions that one needs, its own among them."""
    found, waiting = set[str](), [name]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += [each for each in _references(definitions[current]) if each in definitions]
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
