"""Where the entries of a YAML text begin and end, to the character, so that one can be replaced and nothing else. Pure.

Offsets count characters of the text. An entry ends with the last character of its value: comments and blank lines
after it are not part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, MappingStartEvent, ScalarEvent

from mlgitops.spec.positions import Pointer, first_document


class Entry(NamedTuple):
    """One entry of a mapping: where its key begins, and where its value begins and ends (exclusive).

    ``in_flow`` says that it stands within braces or brackets. ``column`` is the key's, from 0.
    """

    key: int
    start: int
    end: int
    column: int
    in_flow: bool = False
    is_flow: bool = False
    is_block: bool = False


class Use(NamedTuple):
    """An alias: its name, where it stands, and where the anchor stands that it repeats (-1: none)."""

    name: str
    at: int
    anchor: int


@dataclass(slots=True)
class _Open:
    pointer: Pointer
    keyed: bool
    flow: bool
    start: int
    own_key: Any = None
    key: Any = None
    length: int = 0
    end: int = 0


@dataclass
class Entries:
    """The entries of a text's mappings by pointer, its anchors (name, place) and the uses of them."""

    text: str
    by_pointer: dict[Pointer, Entry] = field(default_factory=dict)
    anchors: list[tuple[str, int]] = field(default_factory=list)
    aliases: list[Use] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        for event in first_document(self.text):
            self._take(event)

    def line_start(self, offset: int) -> int:
        """Where the line begins that holds ``offset``."""
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Where the line ends that holds ``offset``, its line end included."""
        ends = [found for found in (self.text.find(mark, offset) for mark in "\r\n") if found >= 0]
        if not ends:
            return len(self.text)
        return min(ends) + (2 if self.text.startswith("\r\n", min(ends)) else 1)

    def _take(self, event: Any) -> None:
        if isinstance(event, CollectionEndEvent):
            self._close(event)
        elif isinstance(event, ScalarEvent) and self._is_key():
            self._open[-1].key = event
        elif isinstance(event, CollectionStartEvent):
            self._note_anchor(event)
            self._enter(event)
        else:
            self._leaf(event)

    def _is_key(self) -> bool:
        return bool(self._open) and self._open[-1].keyed and self._open[-1].key is None

    def _enter(self, event: Any) -> None:
        pointer, key = self._next()
        flow = bool(event.flow_style)
        self._open.append(_Open(pointer, isinstance(event, MappingStartEvent), flow, event.start_mark.index, key))

    def _leaf(self, event: Any) -> None:
        pointer, key = self._next()
        is_alias = isinstance(event, AliasEvent)
        (self._note_use if is_alias else self._note_anchor)(event)
        end = event.end_mark.index if is_alias else _scalar_end(self.text, event)
        self._note(pointer, key, event.start_mark.index, end)

    def _close(self, event: Any) -> None:
        closed = self._open.pop()
        end = event.end_mark.index if closed.flow else closed.end
        self._note(closed.pointer, closed.own_key, closed.start, end, is_flow=closed.flow, is_block=not closed.flow)

    def _note(self, pointer: Pointer, key: Any, start: int, end: int, **form: bool) -> None:
        within = self._open[-1] if self._open else None
        if within is not None:
            within.end = max(within.end, end)
        if key is not None and within is not None:
            in_flow = any(one.flow for one in self._open)
            mark = key.start_mark
            self.by_pointer.setdefault(pointer, Entry(mark.index, start, end, mark.column, in_flow, **form))

    def _note_use(self, event: Any) -> None:
        places = [at for name, at in self.anchors if name == event.anchor]
        self.aliases.append(Use(event.anchor, event.start_mark.index, places[-1] if places else -1))

    def _note_anchor(self, event: Any) -> None:
        if event.anchor is not None:
            self.anchors.append((event.anchor, event.start_mark.index))

    def _next(self) -> tuple[Pointer, Any]:
        if not self._open:
            return (), None
        into = self._open[-1]
        if into.keyed:
            key, into.key = into.key, None
            return (*into.pointer, key.value if key is not None else ""), key
        into.length += 1
        return (*into.pointer, into.length - 1), None


def _scalar_end(text: str, event: Any) -> int:
    """The end of a scalar's own text; the parser takes blank lines after a block scalar for part of it."""
    end: int = event.end_mark.index
    if event.style not in ("|", ">"):
        return end
    start: int = event.start_mark.index
    written = text[start:end]
    header = written.split("\n", 1)[0]
    trimmed = written.rstrip("\r\n") if "+" in header else written.rstrip(" \r\n")
    return start + max(len(trimmed), len(header.rstrip("\r")))


def inside(places: Iterator[int] | list[int], start: int, end: int) -> bool:
    """Whether any of the places is within [start, end)."""
    return any(start <= place < end for place in places)
