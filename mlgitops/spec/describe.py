"""What a field of the five kinds is for and what it accepts, as its model says: the answer of ``explain``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic.fields import FieldInfo

from mlgitops.errors import MlgitopsError
from mlgitops.spec.fields import Block
from mlgitops.spec.kinds import KINDS
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.scalars import plain
from mlgitops.spec.shapes import Shape, docstring, named_fields, shape_of


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """A field in plain words.

    ``path`` starts with the kind; ``[]`` stands for any item of a list and ``NAME`` for any key of a map. ``details``
    says more of the field's type where the description is the field's own. ``default`` is YAML on one line, empty
    where leaving the field out means that there is no value. ``children`` are the fields inside, without their own.
    """

    path: str
    type: str
    description: str
    details: str = ""
    bounds: str = ""
    pattern: str = ""
    allowed: tuple[str, ...] = ()
    default: str = ""
    required: bool = False
    children: tuple[FieldDescription, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class _Node:
    """A place on the way through a pointer. A whole kind has no field."""

    path: str
    shape: Shape
    field: FieldInfo | None = None


def describe(pointer: str) -> FieldDescription:
    """The field that a dotted path names, such as ``model.spec.serving.scaling.target``.

    The kind may be written in any case. Items of a list are ``steps[].image``, ``steps.0.image`` or ``steps.image``;
    values of a map ``accelerators.a10g.resource`` or ``accelerators.resource``. An empty path gives the five kinds.
    Raises ``MlgitopsError`` with the nearest known word where a part is unknown.
    """
    parts = re.sub(r"\[\d*\]", ".[]", pointer.strip()).strip(".").split(".")
    if parts == [""]:
        kinds = tuple(_described(_kind_node(name)) for name in KINDS)
        return FieldDescription(
            "", "five kinds of files", "Every file of a project is of one of these kinds.", children=kinds
        )
    node = _kind_node(_kind_name(parts[0]))
    for index, part in enumerate(parts[1:], start=1):
        if node.shape.is_map and not _held_block(node.shape):
            node = _item(node)  # whatever follows is one key, dots included
            break
        node = _step(node, part, parts[index + 1 :])
    return _described(node, deep=True)


def every_field() -> Iterator[FieldDescription]:
    """Every field of every kind once, blocks before what is inside them; parts of specs are not entered again."""
    for name in KINDS:
        yield from _walk(_kind_node(name))


def _walk(node: _Node) -> Iterator[FieldDescription]:
    yield _described(node)
    if node.shape.words != "part of a spec":
        for child in _children(node):
            yield from _walk(child)


def _kind_name(word: str) -> str:
    known = {name.lower(): name for name in KINDS}
    if word.lower() not in known:
        meant = did_you_mean(word.lower(), known)
        hint = f"did you mean '{meant}'? " if meant else ""
        raise MlgitopsError(f"there is no kind '{word}'", help=f"{hint}a path starts with one of: {', '.join(known)}")
    return known[word.lower()]


def _kind_node(name: str) -> _Node:
    return _Node(name.lower(), Shape("file", block=KINDS[name]))


def _step(node: _Node, part: str, rest: list[str]) -> _Node:
    """The node one part further; list items and map values are entered where the part is a field of theirs."""
    if part == "[]" or part.isdigit():
        if node.shape.item is None:
            raise MlgitopsError(f"{node.path} is no list", help=f"it is a {node.shape.words}")
        return _item(node)
    block = _held_block(node.shape)
    if node.shape.is_map and (block is None or part not in named_fields(block)):
        return _item(node)
    inside = _item(node) if node.shape.item else node
    if block is None or part not in named_fields(block):
        raise _unknown(inside, block, part, rest)
    return _child(inside, block, part)


def _held_block(shape: Shape) -> type[Block] | None:
    """The block that a field is, or that its items are."""
    return shape.item.block if shape.item else shape.block


def _item(node: _Node) -> _Node:
    """The node of a list's items or a map's values."""
    assert node.shape.item is not None
    return _Node(node.path + (".NAME" if node.shape.is_map else "[]"), node.shape.item)


def _child(node: _Node, block: type[Block], name: str) -> _Node:
    field = named_fields(block)[name]
    return _Node(f"{node.path}.{name}", shape_of(block, field), field)


def _children(node: _Node) -> Iterator[_Node]:
    block = _held_block(node.shape)
    inside = _item(node) if node.shape.item else node
    for name in named_fields(block) if block else ():
        yield _child(inside, block, name)  # type: ignore[arg-type]


def _unknown(node: _Node, block: type[Block] | None, part: str, rest: list[str]) -> MlgitopsError:
    if block is None:
        return MlgitopsError(f"{node.path} has no fields, so no '{part}'", help=f"it is a {node.shape.words}")
    known = list(named_fields(block))
    message = f"there is no field '{part}' in {node.path}"
    if "spec" in known and part in named_fields(_block_of_spec(block)):
        return MlgitopsError(message, help=f"did you mean '{'.'.join([node.path, 'spec', part, *rest])}'?")
    meant = _same_letters(part, known) or did_you_mean(part, known)
    hint = f"did you mean '{node.path}.{meant}'? " if meant else ""
    return MlgitopsError(message, help=f"{hint}fields here: {', '.join(known)}")


def _block_of_spec(kind: type[Block]) -> type[Block]:
    block = shape_of(kind, kind.model_fields["spec"]).block
    assert block is not None
    return block


def _same_letters(word: str, known: list[str]) -> str:
    """The known word that differs only in case or separators: ``max_batch_size`` for ``maxBatchSize``."""
    letters = re.sub("[-_]", "", word).lower()
    return next((name for name in known if name.lower() == letters), "")


def _described(node: _Node, deep: bool = False) -> FieldDescription:
    shape, field = node.shape, node.field
    inner = shape.item or shape
    own = (field.description if field else None) or ""
    of_type = docstring(inner.block) if inner.block and shape.words != "part of a spec" else inner.format
    described = FieldDescription(
        node.path, shape.words, own or of_type,
        details=of_type if own and own != of_type else "",
        bounds=_bounds(shape), pattern=shape.pattern or inner.pattern, allowed=shape.allowed or inner.allowed,
        default=_default(field), required=field.is_required() if field else False,
    )  # fmt: skip
    children = tuple(_described(child) for child in _children(node)) if deep else ()
    return replace(described, children=children)


def _bounds(shape: Shape) -> str:
    inner = f"each {shape.item.bounds}" if shape.item and shape.item.bounds else ""
    return ", ".join(part for part in (shape.bounds, inner) if part)


def _default(field: FieldInfo | None) -> str:
    if field is None or field.is_required():
        return ""
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, Block):
        value = value.model_dump(mode="json", by_alias=True, exclude_unset=True) or None
    return "" if value is None else _yaml(value)


def _yaml(value: Any) -> str:
    """A value of JSON types as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and plain(value) != value:
        return f'"{value}"'
    return str(value)
