"""Says in words what a validator found in a manifest, without quoting the manifest's values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mlgitops.check.served.problem import Path, Problem, dotted

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_LISTED = 12
"""Names or words that a help line lists."""
_LONGEST_WORD = 60

_TYPES = {
    "array": "a list", "boolean": "true or false", "integer": "a whole number", "number": "a number",
    "object": "a mapping", "string": "text", "null": "null",
}  # fmt: skip
_BOUNDS = {
    "minimum": "has to be at least {}",
    "maximum": "has to be at most {}",
    "exclusiveMinimum": "has to be more than {}",
    "exclusiveMaximum": "has to be less than {}",
    "multipleOf": "has to be a multiple of {}",
    "minLength": "has to have at least {} characters",
    "maxLength": "has to have at most {} characters",
    "minItems": "has to have at least {} items",
    "maxItems": "has to have at most {} items",
    "minProperties": "has to have at least {} entries",
    "maxProperties": "has to have at most {} entries",
    "pattern": "has to match {}",
}


def problems_of(error: ValidationError, schema: dict[str, Any]) -> Iterator[Problem]:
    """What an error of the validator means. ``schema`` is the whole one that was validated against."""
    path: Path = tuple(error.instance_path)
    match error.kind.name:
        case "additionalProperties":
            yield from _unknown(path, error.kind.as_dict()["unexpected"], _at(schema, error.schema_path[:-1]))
        case "required":
            missing = error.kind.as_dict()["property"]
            help = f"add {missing} to {dotted(path)}" if path else f"add {missing}"
            yield Problem("served-missing-field", (*path, missing), f"{dotted((*path, missing))} is missing", help)
        case "type":
            yield _wrong_type(path, error.kind.as_dict()["types"], error.instance)
        case "anyOf" | "oneOf":
            yield from _of_forms(path, error, schema)
        case keyword:
            yield _value(path, keyword, _at(schema, error.schema_path), error.instance)


def _unknown(path: Path, names: Iterable[str], schema: Any) -> Iterator[Problem]:
    from mlgitops.spec.project_files import did_you_mean

    known = sorted(schema.get("properties", {}))
    where = dotted(path) or "the object"
    for name in names:
        help = f"{where} has: {_listed(known)}" if known else f"{where} has no fields that are kept"
        message = f"there is no field {name} in {where}; the API would drop it"
        yield Problem("served-unknown-field", (*path, name), message, help, did_you_mean(name, known))


def _value(path: Path, keyword: str, limit: Any, value: Any) -> Problem:
    if keyword == "enum":
        words = [word for word in limit if isinstance(word, str)]
        return Problem("served-value", path, f"{_name(path)} is not one of the values that are allowed",
                       f"one of: {_listed(map(str, limit))}", _meant(value, words))  # fmt: skip
    if keyword == "uniqueItems":
        return Problem("served-value", path, f"{_name(path)} has the same item twice", "keep one of them")
    if keyword in _BOUNDS:
        return Problem(
            "served-value", path, f"{_name(path)} {_BOUNDS[keyword].format(limit)}", "correct it where it comes from"
        )
    return Problem("served-value", path, f"{_name(path)} is not allowed as it is", f"its schema has a rule: {keyword}")


def _of_forms(path: Path, error: ValidationError, schema: dict[str, Any]) -> Iterator[Problem]:
    """A value that has none of several forms, or several where only one may be."""
    branches = error.kind.as_dict()["context"]
    types = [_types_wanted(branch, path) for branch in branches]
    if all(types):
        yield _wrong_type(path, [name for wanted in types for name in wanted], error.instance)
        return
    near = [branch for branch, wanted in zip(branches, types, strict=True) if branch and not wanted]
    if len(near) == 1:
        for inner in near[0]:
            yield from problems_of(inner, schema)
        return
    alternatives = [sorted(_fields_required(branch)) for branch in branches]
    named = " or ".join(" and ".join(fields) for fields in alternatives if fields)
    if named and all(alternatives):
        yield Problem("served-missing-field", path, f"{_name(path)} needs {named}", "add what is missing")
    else:
        several = any(not branch for branch in branches)
        message = "has several forms of which only one may be" if several else "has none of the forms that are allowed"
        yield Problem("served-value", path, f"{_name(path)} {message}", "look it up in the kind's documentation")


def _types_wanted(branch: list[ValidationError], path: Path) -> list[str]:
    """The types that a branch asks of the value itself, where the value is of another."""
    wrong = (error for error in branch if error.kind.name == "type" and tuple(error.instance_path) == path)
    return next((list(error.kind.as_dict()["types"]) for error in wrong), [])


def _fields_required(branch: list[ValidationError]) -> set[str]:
    """The fields that a branch lacks, where that is all that is wrong with it."""
    if not all(error.kind.name == "required" for error in branch):
        return set()
    return {error.kind.as_dict()["property"] for error in branch}


def _at(schema: Any, way: Iterable[str | int]) -> Any:
    """What stands in a schema at the end of a way; the validator's ways lead through definitions already."""
    for part in way:
        schema = schema[part]
    return schema


def _wrong_type(path: Path, types: Sequence[str], given: Any) -> Problem:
    wanted = " or ".join(_TYPES[name] for name in dict.fromkeys(types) if name != "null")
    quotes = "string" in types and isinstance(given, bool | int | float)
    help = "put it into quotes if text is meant" if quotes else f"write {wanted}"
    return Problem("served-wrong-type", path, f"{_name(path)} has to be {wanted}, not {_type_of(given)}", help)


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
    return "a mapping"


def _name(path: Path) -> str:
    return dotted(path) or "the object"


def _meant(value: Any, words: list[str]) -> str:
    from mlgitops.spec.project_files import did_you_mean

    return did_you_mean(value, words) if isinstance(value, str) else ""


def _listed(words: Iterable[str]) -> str:
    shown = [word if len(word) <= _LONGEST_WORD else word[: _LONGEST_WORD - 1] + "…" for word in words]
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more
