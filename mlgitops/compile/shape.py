"""Whether data has the fields that are read of it, each of the form that its API gives it. Pure.

Only what is read is described: what a shape does not name may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from mlgitops.spec.positions import Pointer


class Wrong(NamedTuple):
    """A field of another form: where it is, what it has to be, and what it is, as people say it."""

    pointer: Pointer
    expected: str
    found: str


@dataclass(frozen=True)
class Single:
    """One value that is no list and no mapping: of one of ``types``, as Python has them."""

    expected: str
    types: tuple[type, ...]

    def wrong(self, value: Any, at: Pointer) -> Iterator[Wrong]:
        """The value itself, where it is of another type."""
        if type(value) not in self.types:
            yield Wrong(at, self.expected, form_of(value))


@dataclass(frozen=True)
class Fields:
    """A mapping with some fields that are read. Those in ``needed`` may not be left out; others may, or be null."""

    fields: Mapping[str, Shape]
    needed: tuple[str, ...] = ()

    def wrong(self, value: Any, at: Pointer) -> Iterator[Wrong]:
        """The value, or fields within it."""
        if not isinstance(value, Mapping):
            yield Wrong(at, "a mapping", form_of(value))
            return
        for name, shape in self.fields.items():
            if value.get(name) is not None:
                yield from shape.wrong(value[name], (*at, name))
            elif name in self.needed:
                yield Wrong((*at, name), "set", "null" if name in value else "missing")


@dataclass(frozen=True)
class Entries:
    """A mapping of names that the user chose to values of one shape."""

    shape: Shape

    def wrong(self, value: Any, at: Pointer) -> Iterator[Wrong]:
        """The value, its names, or values within it."""
        if not isinstance(value, Mapping):
            yield Wrong(at, "a mapping", form_of(value))
            return
        for name, one in value.items():
            if not isinstance(name, str):
                yield Wrong((*at, str(name)), "named by a text", f"named by {form_of(name)}")
            elif one is not None:
                yield from self.shape.wrong(one, (*at, name))


@dataclass(frozen=True)
class Items:
    """A list of values of one shape."""

    shape: Shape

    def wrong(self, value: Any, at: Pointer) -> Iterator[Wrong]:
        """The value, or values within it."""
        if not isinstance(value, list):
            yield Wrong(at, "a list", form_of(value))
            return
        for index, one in enumerate(value):
            yield from self.shape.wrong(one, (*at, index))


@dataclass(frozen=True)
class Anything:
    """A value of any form."""

    def wrong(self, value: Any, at: Pointer) -> Iterator[Wrong]:
        """Nothing."""
        yield from ()


Shape = Single | Fields | Entries | Items | Anything

ANY = Anything()
TEXT = Single("a text", (str, int, float, bool, date, datetime))
"""A text, or what YAML takes for something else where it is written without quotes."""
NAME = Single("a text", (str,))
"""A text that others name it by."""
WHOLE = Single("a whole number", (int,))
NUMBER = Single("a number", (int, float))
AMOUNT = Single("an amount, such as 2 or 500m", (str, int, float))


def form_of(value: Any) -> str:
    """What a value is, without the value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case date():
            return "a date"
    return "a mapping"
