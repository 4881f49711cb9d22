"""What a field accepts, read from its type: words for it, bounds, pattern, allowed values, what is inside. Pure."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic.fields import FieldInfo

from mlgitops.spec import fields
from mlgitops.spec.fields import Block
from mlgitops.spec.kinds import PARTIAL_SPECS


@dataclass(frozen=True, slots=True)
class Shape:
    """One type in plain words.

    ``bounds`` are of the value, or of the length of a text or list. ``format`` describes a shared type such as a
    duration. ``block`` is set for a block; ``item`` for a list's items or a map's values.
    """

    words: str
    allowed: tuple[str, ...] = ()
    bounds: str = ""
    pattern: str = ""
    format: str = ""
    block: type[Block] | None = None
    item: Shape | None = None
    is_map: bool = False


_SHARED = {
    "name": fields.Name,
    "version": fields.Version,
    "component version": fields.ComponentVersion,
    "digest": fields.Digest,
    "duration": fields.Duration,
    "quantity": fields.Quantity,
    "container image": fields.Image,
    "URI": fields.Uri,
    "storage URI": fields.StorageUri,
    "cron expression": fields.Cron,
    "timestamp": fields.Timestamp,
    "date": fields.Date,
    "label value": fields.LabelValue,
    "label key": fields.LabelKey,
    "environment variable's name": fields.EnvironmentVariableName,
    "line of text": fields.Line,
}
_FIRST = {name: place for place, name in enumerate(("apiVersion", "kind", "metadata", "name"))}
_SIMPLE = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "anything"}


def shape_of(block: type[Block], field: FieldInfo) -> Shape:
    """The shape of a field of ``block``."""
    partial = PARTIAL_SPECS.get(block, {}).get(field.alias or "")
    if partial:
        return Shape("part of a spec", block=partial)
    return _with_constraints(_shape(field.annotation), field.metadata)


def named_fields(block: type[Block]) -> dict[str, FieldInfo]:
    """The fields of a block by the names that YAML uses: those that say what it is first, then as declared."""
    fields = {field.alias or name: field for name, field in block.model_fields.items()}
    return {name: fields[name] for name in sorted(fields, key=lambda name: _FIRST.get(name, len(_FIRST)))}


def docstring(block: type[Block]) -> str:
    """What a block is for, as paragraphs without line ends inside."""
    paragraphs = (block.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _shape(annotation: Any) -> Shape:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _with_constraints(_shape(arguments[0]), annotation.__metadata__)
    if origin in (typing.Union, types.UnionType):
        return _shape(next(argument for argument in arguments if argument is not type(None)))
    if origin is typing.Literal:
        return Shape("word", allowed=tuple(map(str, arguments)))
    if origin is tuple:
        item = _shape(arguments[0])
        return Shape(f"list of {_plural(item.words)}", item=item)
    if origin is dict:
        key, item = map(_shape, arguments)
        return Shape(f"map from {key.words} to {item.words}", item=item, is_map=True)
    if isinstance(annotation, type) and issubclass(annotation, Block):
        return Shape("block", block=annotation)
    return Shape(_SIMPLE[annotation])


def _plural(words: str) -> str:
    if words in ("text", "anything"):
        return words
    first, of, rest = words.partition(" of ")
    return f"{first}s{of}{rest}"


def _with_constraints(shape: Shape, metadata: Iterable[Any]) -> Shape:
    found = _constraints(metadata)
    pattern = found.get("pattern", shape.pattern)
    shared = _shared_by_pattern().get(pattern) if shape.words == "text" else None
    words, format = shared or (shape.words, _description(metadata) or shape.format)
    return replace(shape, words=words, pattern=pattern, bounds=_bounds(found, shape) or shape.bounds, format=format)


def _description(metadata: Iterable[Any]) -> str:
    """What a shared type says of itself."""
    return next((m.description for m in metadata if isinstance(m, FieldInfo) and m.description), "")


def _constraints(metadata: Iterable[Any]) -> Mapping[str, Any]:
    names = ("pattern", "min_length", "max_length", "ge", "gt", "le", "lt")
    found: dict[str, Any] = {}
    for constraint in _flat(metadata):
        found |= {name: value for name in names if (value := getattr(constraint, name, None)) is not None}
    return found


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    """Constraints, also those inside a ``Field(...)`` within an annotation."""
    for constraint in metadata:
        if isinstance(constraint, FieldInfo):
            yield from constraint.metadata
        else:
            yield constraint


def _bounds(found: Mapping[str, Any], shape: Shape) -> str:
    if "min_length" in found or "max_length" in found:
        least, most = found.get("min_length"), found.get("max_length")
        unit = "item" if shape.item else "character"
        return _between(least, most, unit if (most or least) == 1 else f"{unit}s")
    return _between(found.get("ge"), found.get("le"), "")


def _between(least: Any, most: Any, unit: str) -> str:
    unit = f" {unit}" if unit else ""
    if least is not None and most is not None:
        return f"{least:g} to {most:g}{unit}"
    if least is not None:
        return f"at least {least:g}{unit}"
    return f"at most {most:g}{unit}" if most is not None else ""


def _shared_by_pattern() -> Mapping[str, tuple[str, str]]:
    """Shared types by their pattern, which is what is left of them in a field: their words and their description."""
    shared = {}
    for words, annotation in _SHARED.items():
        metadata = typing.get_args(annotation)[1:]
        shared[_constraints(metadata)["pattern"]] = (words, _description(metadata))
    return shared
