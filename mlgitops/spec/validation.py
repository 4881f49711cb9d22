"""Checks data against the kinds and says what is wrong in words a person can act on. Pure.

Pydantic finds the errors; this module gives each a code, a place in the file, and what to do.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mlgitops.finding import Finding
from mlgitops.spec.fields import FORMS, Block
from mlgitops.spec.positions import Pointer, Written
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.secrets import mask

Kind = TypeVar("Kind", bound=BaseModel)

Find = Callable[[Pointer, bool], Written]
"""From a pointer, and whether its key is meant rather than its value, to what is written there."""

_CODES = {
    "missing": "missing-field",
    "extra_forbidden": "unknown-field",
    "literal_error": "unknown-value",
    "string_pattern_mismatch": "invalid-format",
    "string_too_long": "out-of-range",
    "string_too_short": "out-of-range",
    "too_short": "out-of-range",
    "too_long": "out-of-range",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
    "value_error": "invalid-value",
}
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
}
"""Of pydantic's codes, what YAML calls the type that is wanted."""
_BOUNDS = {
    "greater_than": "be more than {gt}",
    "greater_than_equal": "be {ge} or more",
    "less_than": "be less than {lt}",
    "less_than_equal": "be {le} or less",
    "string_too_long": "have at most {max_length} characters",
    "string_too_short": "have at least {min_length} characters",
    "too_long": "have at most {max_length} items",
    "too_short": "have at least {min_length} items",
}
"""Of pydantic's codes, what the value has to do."""


def validate(
    kind: type[Kind], data: Mapping[str, Any], find: Find, *, partial: bool = False, prefix: Pointer = ()
) -> tuple[Kind | None, list[Finding]]:
    """The data as an instance of ``kind``, or ``None`` and the findings.

    ``partial`` data may leave out fields that are required, as a layer of a merge may. ``prefix`` is put before
    every pointer, where the data is a part of a document.
    """
    try:
        return kind.model_validate(data), []
    except ValidationError as error:
        details = [d for d in error.errors(include_url=False) if not (partial and d["type"] == "missing")]
    return None, [_finding(kind, detail, find, prefix) for detail in details]


def _finding(kind: type[BaseModel], detail: Any, find: Find, prefix: Pointer) -> Finding:
    within, of_key = _pointer(detail["loc"])
    code = "invalid-format" if of_key else _CODES.get(detail["type"], "wrong-type")
    written = find((*prefix, *within), of_key or code == "unknown-field")
    message, help, suggestion = _words(kind, code, detail, within, written.text)
    return Finding(
        code, message, written.location, pointer=_dotted(written.pointer), excerpt=written.excerpt, help=help,
        suggestion=suggestion,
    )  # fmt: skip


def _pointer(loc: Iterable[str | int]) -> tuple[Pointer, bool]:
    """The location without pydantic's mark for a key of a map, and whether the key is what is wrong."""
    parts = tuple(loc)
    return (parts[:-1], True) if parts and parts[-1] == "[key]" else (parts, False)


def _words(kind: type[BaseModel], code: str, detail: Any, pointer: Pointer, text: str) -> tuple[str, str, str]:
    """Message, help and suggestion."""
    name = _dotted(pointer)
    match code:
        case "missing-field":
            return f"{name} is missing", _expected(kind, pointer), ""
        case "unknown-field":
            return _unknown_field(kind, pointer)
        case "unknown-value":
            allowed = literals(field_at(kind, pointer) or field_at(kind, pointer[:-1]))
            meant = did_you_mean(str(detail["input"]), allowed)
            return f"{name} cannot be '{mask(str(detail['input']))}'", f"one of: {', '.join(allowed)}", meant
        case "wrong-type" if "string" in detail["type"] and isinstance(detail["input"], int | float):
            shown = text or str(detail["input"])
            return (
                f"{name} is text, but {shown} is read as a {_yaml_type(detail['input'])}",
                _quoted(kind, pointer, shown),
                "",
            )
        case "invalid-value":
            return (
                f"{name}: {detail['ctx']['error']}" if name else str(detail["ctx"]["error"]),
                _expected(kind, pointer),
                "",
            )
    return f"{name}: {plain(detail)}", _with_form(_expected(kind, pointer), form_of(detail)), ""


def _quoted(kind: type[BaseModel], pointer: Pointer, shown: str) -> str:
    """What to do about a number where a text belongs: quotes alone help where it is of the right form then."""
    field = field_at(kind, pointer)
    patterns = [found for one in (field.metadata if field else ()) if (found := getattr(one, "pattern", None))]
    wrong = next((pattern for pattern in patterns if not re.search(pattern, shown)), "")
    return _with_form(_expected(kind, pointer), FORMS[wrong]) if wrong in FORMS else f'quote it: "{shown}"'


def _with_form(purpose: str, form: str) -> str:
    return f"{purpose} {form}".strip() if form != purpose else purpose


def _dotted(pointer: Pointer) -> str:
    return ".".join(map(str, pointer))


def _unknown_field(kind: type[BaseModel], pointer: Pointer) -> tuple[str, str, str]:
    block = block_at(kind, pointer[:-1])
    known = _fields_of(block) if block else []
    where = _dotted(pointer[:-1])
    message = f"there is no field '{pointer[-1]}'" + (f" in {where}" if where else "")
    return message, f"fields here: {', '.join(known)}" if known else "", did_you_mean(str(pointer[-1]), known)


def form_of(detail: Any) -> str:
    """The form that a text has to have, in words, where pydantic says that it has another."""
    return FORMS.get(detail["ctx"]["pattern"], "") if detail["type"] == "string_pattern_mismatch" else ""


def plain(detail: Any) -> str:
    """What pydantic says of one value, in plain words."""
    message: str = detail["msg"]
    given = detail["input"]
    if detail["type"].endswith("_type"):
        wanted = _WANTED.get(detail["type"])
        return f"a {_yaml_type(given)} was given, " + (f"not {wanted}" if wanted else _lower(message))
    if detail["type"] == "string_pattern_mismatch":
        return f"'{mask(given)}' does not have the right form"
    bound = next((words.format(**detail["ctx"]) for code, words in _BOUNDS.items() if code == detail["type"]), "")
    bound = re.sub(r"(?<= )1 (item|character)s", r"1 \1", bound)
    said = f"it has to {bound}" if bound else _lower(message)
    return said + ("" if isinstance(given, dict | list | tuple) else f", not {mask(str(given))}")


def _lower(message: str) -> str:
    return f"{message[0].lower()}{message[1:]}"


def _yaml_type(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "text", dict: "map", list: "list", tuple: "list"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def _expected(kind: type[BaseModel], pointer: Pointer) -> str:
    """What the field is for, from its description, else what it holds; of an item, what the list or map is for."""
    field = field_at(kind, pointer)
    above = field_at(kind, pointer[:-1]) if field is None else None
    block = block_at(kind, pointer)
    described = next((one.description for one in (field, above) if one is not None), "")
    return described or (f"fields here: {', '.join(_fields_of(block))}" if block else "")


def _fields_of(block: type[BaseModel]) -> list[str]:
    return sorted(field.alias or name for name, field in block.model_fields.items())


def block_at(kind: type[BaseModel], pointer: Pointer) -> type[BaseModel] | None:
    """The block of which ``pointer`` is an instance; ``None`` where it is something else."""
    current: Any = kind
    for part in pointer:
        current = _child(current, part)
        if current is None:
            return None
    return next(_blocks(current), None)


def field_at(kind: type[BaseModel], pointer: Pointer) -> Any:
    """The field that ``pointer`` names, as pydantic's ``FieldInfo``; ``None`` where it is not a named field."""
    parent = block_at(kind, pointer[:-1])
    if parent is None or not pointer:
        return None
    return next((f for n, f in parent.model_fields.items() if (f.alias or n) == pointer[-1]), None)


def _child(annotation: Any, part: str | int) -> Any:
    for block in _blocks(annotation):
        if isinstance(part, str):
            return next((f.annotation for n, f in block.model_fields.items() if (f.alias or n) == part), None)
    return _item(annotation)


def _item(annotation: Any) -> Any:
    """The type of a list's items or a map's values."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _item(arguments[0])
    if origin is tuple:
        return arguments[0]
    if origin is dict:
        return arguments[1]
    return next((found for a in arguments if (found := _item(a)) is not None), None) if arguments else None


def _blocks(annotation: Any) -> Iterator[type[BaseModel]]:
    """The blocks that an annotation allows directly (not those inside lists and maps)."""
    if isinstance(annotation, type) and issubclass(annotation, Block):
        yield annotation
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        for argument in typing.get_args(annotation):
            yield from _blocks(argument)


def literals(field: Any) -> list[str]:
    """The values that a field of fixed words allows."""
    return [str(value) for value in _literal_values(field.annotation)] if field else []


def _literal_values(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) is typing.Literal:
        yield from typing.get_args(annotation)
    else:
        for argument in typing.get_args(annotation):
            yield from _literal_values(argument)
