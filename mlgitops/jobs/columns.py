"""Requests as columns: the bodies of the Open Inference Protocol, versions 1 and 2, a column a feature. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

Value = float | str | None
"""Of one feature in one row; None where the request does not give it."""
Columns = dict[str, list[Value]]
"""Features by name, all of the same length. A feature of a matrix is called NAME[INDEX]."""

MAX_FEATURES = 1000
"""More are no table but an image or a text, whose single values nobody compares."""
MAX_DIMENSIONS = 32
"""Of a tensor: as many as NumPy's arrays had for long."""
UNNAMED = "input"
"""What a matrix without a name of its own is called: version 1's ``instances``."""

_Cells = TypeVar("_Cells", bound=Sequence[Any])


class BodyError(ValueError):
    """A body that is none of the protocol's, or no table; says why in plain words."""


def columns_of(body: Any) -> Columns:
    """The features of one request's body as JSON data. Raises ``BodyError``."""
    if not isinstance(body, Mapping):
        raise BodyError("the body is no JSON object")
    if isinstance(body.get("instances"), list):
        return _of_rows(body["instances"])
    if isinstance(body.get("inputs"), list):
        return _of_tensors(body["inputs"])
    raise BodyError("the body has neither instances nor inputs")


def appended(parts: Iterable[Columns]) -> Columns:
    """One below the other, features in the order in which they come; one that a part lacks is None there."""
    found: Columns = {}
    rows = 0
    for part in parts:
        height = height_of(part)
        found |= {name: [None] * rows for name in part if name not in found}
        for name, column in found.items():
            column.extend(part.get(name) or [None] * height)
        rows += height
    return found


def height_of(columns: Columns) -> int:
    """The number of rows."""
    return len(next(iter(columns.values()), []))


def named_like(columns: Columns, names: Sequence[str]) -> Columns:
    """The columns by these names, where a single matrix has as many: by their place. Else as they are."""
    matrices = {name.rpartition("[")[0] for name in columns}
    if columns.keys() & set(names) or len(matrices) != 1 or "" in matrices or len(columns) != len(names):
        return columns
    return dict(zip(names, columns.values(), strict=True))


def only(columns: Columns, names: Sequence[str]) -> Columns:
    """These columns alone, with the rows that there are; one that is not there is None in each of them."""
    rows = height_of(columns)
    return {name: columns.get(name) or [None] * rows for name in names}


def _of_rows(rows: Sequence[Any]) -> Columns:
    """Version 1: rows of numbers, of names and values, or single values."""
    cells = [dict(_cells(row)) for row in rows]
    _bounded(list(dict.fromkeys(name for row in cells for name in row)))
    return appended({name: [value] for name, value in row.items()} for row in cells)


def _cells(row: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(row, Mapping):
        yield from _bounded([(str(name), _value(value)) for name, value in row.items()])
    elif isinstance(row, list):
        yield from _bounded([(f"{UNNAMED}[{index}]", _value(value)) for index, value in enumerate(row)])
    else:
        yield UNNAMED, _value(row)


def _of_tensors(tensors: Sequence[Any]) -> Columns:
    """Version 2: tensors, whose first dimension is the rows."""
    found: Columns = {}
    for tensor in tensors:
        found |= _of_tensor(tensor)
    _bounded(list(found))
    if len({len(column) for column in found.values()}) > 1:
        raise BodyError("the tensors have different numbers of rows")
    return found


def _of_tensor(tensor: Any) -> Columns:
    if not isinstance(tensor, Mapping) or not isinstance(tensor.get("data"), list):
        raise BodyError("a tensor has no data in it, such as one that is sent as bytes behind the JSON")
    name, shape = str(tensor.get("name", UNNAMED)), tensor.get("shape")
    if not isinstance(shape, list) or not shape or not all(isinstance(size, int) and size >= 0 for size in shape):
        raise BodyError(f"the tensor {name} has no shape")
    flat = list(_flat(tensor["data"]))
    rows = shape[0]
    width = len(flat) // rows if rows else 0
    if rows * width != len(flat):
        raise BodyError(f"the tensor {name} has {len(flat)} values, which are no {rows} rows")
    if len(shape) == 1:
        return {name: [_value(value) for value in flat]}
    _bounded(range(width))
    return {f"{name}[{index}]": [_value(value) for value in flat[index::width]] for index in range(width)}


def _flat(data: Sequence[Any], depth: int = 1) -> Iterator[Any]:
    if depth > MAX_DIMENSIONS:
        raise BodyError(f"a tensor has more than {MAX_DIMENSIONS} dimensions")
    for item in data:
        if isinstance(item, list):
            yield from _flat(item, depth + 1)
        else:
            yield item


def _value(value: Any) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return float(value) if value == value else None  # noqa: PLR0124 - NaN is no value
    raise BodyError("a row holds lists within lists, or objects")


def _bounded(cells: _Cells) -> _Cells:
    if len(cells) > MAX_FEATURES:
        raise BodyError(f"a row has more than {MAX_FEATURES} values")
    return cells
