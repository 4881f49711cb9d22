"""Where each value of a YAML text stands: line and column by pointer. Pure; worked out only when somebody asks.

Walks the parser's events without recursion, so that the text's depth does not matter. Reads as far as the text can be
parsed, and of a key that is given twice keeps the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from mlgitops.finding import Location

Pointer = tuple[str | int, ...]
"""The way to a value from the top: keys of mappings and indices (from 0) of lists."""


def value_of(data: Any, keys: Iterable[str | int]) -> Any:
    """The value that a way through mappings leads to; ``None`` where it leads nowhere, or through a list."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


class Written(NamedTuple):
    """What is written at a pointer: the pointer within its document, the place, the line, and the scalar's own text.

    ``excerpt`` is without secrets; ``text`` is empty where there is no scalar.
    """

    pointer: Pointer
    location: Location
    excerpt: str
    text: str


class Span(NamedTuple):
    """Line and column, both from 1, and the exclusive end column; 0 where the text ends on another line."""

    line: int
    column: int
    end_column: int


@dataclass(frozen=True, slots=True)
class _Place:
    value: Span
    key: Span | None
    text: str | None


@dataclass(slots=True)
class _Collection:
    pointer: Pointer
    keyed: bool
    length: int = 0
    key: str = ""
    key_span: Span | None = None


class Positions:
    """The places of one text's values.

    Asked for something that is not there, it answers with the key of the nearest parent that is: that is where the
    missing thing would be written.
    """

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._places, self._aliases = _Walk().of(text)

    def locate(self, pointer: Pointer, key: bool = False) -> Location:
        """The place of the value at ``pointer``, or of its key; the nearest parent's where the value is absent."""
        known = self._known(pointer)
        place = self._places.get(known)
        if place is None:
            return Location(self._path, 1, 1)
        wants_key = key or len(known) < len(self._resolved(pointer))
        return Location(self._path, *(place.key if wants_key and place.key else place.value))

    def text(self, pointer: Pointer) -> str | None:
        """The scalar at ``pointer`` as it is written, without quotes: ``1.10`` where the value is 1.1; else None."""
        place = self._places.get(self._resolved(pointer))
        return place.text if place else None

    def _known(self, pointer: Pointer) -> Pointer:
        resolved = self._resolved(pointer)
        while resolved and resolved not in self._places:
            resolved = resolved[:-1]
        return resolved

    def _resolved(self, pointer: Pointer) -> Pointer:
        """``pointer`` with every step through an alias replaced by the way to its anchor."""
        resolved: Pointer = ()
        for part in pointer:
            resolved = (*self._aliases.get(resolved, resolved), part)
        return resolved


@dataclass
class _Walk:
    places: dict[Pointer, _Place] = field(default_factory=dict)
    aliases: dict[Pointer, Pointer] = field(default_factory=dict)
    anchors: dict[str, Pointer] = field(default_factory=dict)
    open: list[_Collection] = field(default_factory=list)

    def of(self, text: str) -> tuple[Mapping[Pointer, _Place], Mapping[Pointer, Pointer]]:
        for event in first_document(text):
            if isinstance(event, CollectionEndEvent):
                self.open.pop()
            elif isinstance(event, ScalarEvent) and self._is_key():
                self.open[-1].key, self.open[-1].key_span = event.value, span(event)
            else:
                self._value(event)
        return self.places, self.aliases

    def _is_key(self) -> bool:
        return bool(self.open) and self.open[-1].keyed and self.open[-1].key_span is None

    def _value(self, event: Any) -> None:
        pointer, key = self._next()
        if isinstance(event, AliasEvent):
            self._alias(pointer, key, event)
            return
        text = event.value if isinstance(event, ScalarEvent) else None
        self.places.setdefault(pointer, _Place(span(event), key, text))
        if event.anchor is not None:
            self.anchors[event.anchor] = pointer
        if text is None:
            self.open.append(_Collection(pointer, isinstance(event, MappingStartEvent)))

    def _alias(self, pointer: Pointer, key: Span | None, event: Any) -> None:
        """An alias stands where it is written; what is inside it, where its anchor is."""
        anchored = self.anchors.get(event.anchor, pointer)
        held = self.places.get(anchored)
        self.places.setdefault(pointer, _Place(span(event), key, held.text if held else None))
        self.aliases.setdefault(pointer, anchored)

    def _next(self) -> tuple[Pointer, Span | None]:
        """The pointer of the value that comes now. A collection as a key (refused elsewhere) gets one of its own."""
        if not self.open:
            return (), None
        into = self.open[-1]
        if into.keyed and into.key_span is not None:
            key, into.key_span = into.key_span, None
            return (*into.pointer, into.key), key
        into.length += 1
        if into.keyed:
            into.key_span = Span(0, 0, 0)
        return (*into.pointer, into.length - 1), None


def first_document(text: str) -> Iterator[Event]:
    """The events of nodes in the first document of the text, until it ends or cannot be parsed further."""
    parser = yaml.CBaseLoader(text)
    try:
        while (event := parser.get_event()) is not None and not isinstance(event, DocumentEndEvent):
            if isinstance(event, NodeEvent | CollectionEndEvent):
                yield event
    except yaml.YAMLError:
        return


def span(event: Any) -> Span:
    """Where an event stands."""
    start, end = event.start_mark, event.end_mark
    same_line = isinstance(event, ScalarEvent | AliasEvent) and end.line == start.line
    return Span(start.line + 1, start.column + 1, end.column + 1 if same_line else 0)
