"""What editors show: each value of a list says what it means, each example is one, and every field has words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from mlgitops.promotion.evidence import SCHEMA_TITLE, Evidence
from mlgitops.spec.editor_words import EXAMPLES
from mlgitops.spec.enum_words import MEANINGS
from mlgitops.spec.json_schema import of_block, schemas

ALL = {**schemas(), "evidence": of_block(Evidence, SCHEMA_TITLE)}


def within(value: Any) -> Iterator[dict[str, Any]]:
    """A schema and every schema in it."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from within(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from within(inner)


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each field of each block: the schema it is in, its place, and its own schema."""
    for kind, schema in ALL.items():
        for definition in schema["definitions"].values():
            for name, field in definition.get("properties", {}).items():
                yield kind, f"{definition['title']}.{name}", field


def enums() -> Iterator[tuple[str, dict[str, Any]]]:
    for _, place, field in fields():
        yield from ((place, each) for each in within(field) if isinstance(each.get("enum"), list))


def test_each_value_of_each_list_says_what_it_means() -> None:
    missing = {
        (place, value)
        for place, schema in enums()
        for value, words in zip(schema["enum"], schema.get("enumDescriptions", [""] * 99), strict=False)
        if not words
    }
    assert not missing, "add them to mlgitops/spec/enum_words.py"
    assert all(len(schema["enum"]) == len(schema["enumDescriptions"]) for _, schema in enums())


def test_nothing_is_explained_that_is_not_there() -> None:
    known: dict[str, set[Any]] = {}
    for place, schema in enums():
        known.setdefault(place, set()).update(schema["enum"])
    assert {place: set(words) - known.get(place, set()) for place, words in MEANINGS.items()} == {
        place: set() for place in MEANINGS
    }


def test_each_example_is_of_a_field_and_is_shown() -> None:
    shown = {place: field["examples"] for _, place, field in fields() if "examples" in field}
    assert {place: shown.get(place) for place in EXAMPLES} == {place: list(given) for place, given in EXAMPLES.items()}


@pytest.mark.parametrize("kind", ALL)
def test_each_example_is_valid_where_it_stands(kind: str) -> None:
    for schema in within(ALL[kind]):
        for example in schema.get("examples", []) if isinstance(schema.get("examples"), list) else []:
            whole = {**schema, "definitions": ALL[kind]["definitions"]}
            jsonschema.Draft7Validator(whole).validate(example)


def test_each_field_has_words_of_its_own_or_of_its_block() -> None:
    silent = {
        place
        for kind, place, field in fields()
        if not any(
            each.get("description")
            or ALL[kind]["definitions"].get(each.get("$ref", "").rpartition("/")[2], {}).get("description")
            for each in (field, *field.get("allOf", []), *field.get("anyOf", []))
        )
    }
    assert not silent


def test_the_words_are_sentences() -> None:
    for place, words in MEANINGS.items():
        assert all(each[0].isupper() and each.endswith(".") for each in words.values()), place
