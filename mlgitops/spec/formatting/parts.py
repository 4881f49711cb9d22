"""A YAML text as nested blocks of entries, with every comment at the entry that it stands above. Pure.

What is within an entry's value, be it a scalar of many lines or a collection in braces, stays one piece of text. A
text that cannot be taken apart like this (a key behind ``?``, an anchor on an item) raises ``NotInPartsError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mlgitops.spec.source_text import lines_of


class NotInPartsError(Exception):
    """The text is written in a way that has no parts; ``line`` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass
class Entry:
    """A key with its value, or an item of a list.

    ``lead`` are the comments and empty lines above it, without indentation. ``head`` is its first line from the key on,
    or from behind the dash; ``tail`` the other lines of a value that is no block, as they were below ``column``.
    """

    key: str
    column: int
    start: int
    head: str = ""
    end: int = 0
    tail: list[str] = field(default_factory=list)
    lead: list[str] = field(default_factory=list)
    body: Block | None = None


@dataclass
class Block:
    """A mapping, or a list, one entry a line. ``foot`` are comments below its last entry."""

    is_list: bool
    column: int
    entries: list[Entry] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)


def parts(text: str) -> Block:
    """The text's blocks; ``foot`` of the outermost ends the text. Raises ``NotInPartsError`` and ``yaml.YAMLError``."""
    lines = lines_of(text)
    top = _Reader(text, lines).document()
    if top is None or top.is_list:
        raise NotInPartsError("it is no mapping with one key a line", 1)
    top.entries[0].lead = _plain(lines[: top.entries[0].start], 0, beginning=True)
    _share(top, lines)
    _give(top, _plain_columns(lines[_end(top) :], _end(top)))
    return top


class _Reader:
    """Goes through a parser's tokens, which unlike its events tell where a dash is."""

    def __init__(self, text: str, lines: list[str]) -> None:
        self._tokens = list(yaml.scan(text, Loader=yaml.CSafeLoader))
        self._lines = lines
        self._at = 0

    def document(self) -> Block | None:
        while isinstance(self._next(), yaml.StreamStartToken | yaml.DirectiveToken | yaml.DocumentStartToken):
            self._take()
        return self._block()

    def _next(self) -> Any:
        return self._tokens[self._at]

    def _take(self) -> Any:
        self._at += 1
        return self._tokens[self._at - 1]

    def _block(self, *, in_mapping: bool = False) -> Block | None:
        """The block that begins here. Only as a key's value may a list stand no deeper than what it is in."""
        token = self._next()
        if isinstance(token, yaml.BlockMappingStartToken):
            return self._mapping()
        if isinstance(token, yaml.BlockSequenceStartToken):
            self._take()
            block = self._items()
            self._take()
            return block
        return self._items() if in_mapping and isinstance(token, yaml.BlockEntryToken) else None

    def _mapping(self) -> Block:
        start = self._take()
        block = Block(False, start.start_mark.column)
        while isinstance(self._next(), yaml.KeyToken):
            mark = self._take().start_mark
            key = self._take()
            if not isinstance(key, yaml.ScalarToken) or not isinstance(self._next(), yaml.ValueToken):
                raise NotInPartsError("a key is more than a word and a colon", mark.line + 1)
            if key.start_mark.line != mark.line or key.start_mark.column != mark.column:
                raise NotInPartsError("a key stands behind '?' or has an anchor or a tag", mark.line + 1)
            if block.entries and self._lines[mark.line][: mark.column].strip():
                raise NotInPartsError("a key does not begin its line", mark.line + 1)
            head = self._lines[mark.line][mark.column :]
            block.entries.append(self._valued(Entry(key.value, mark.column, mark.line, head), self._take()))
        self._take()
        return block

    def _items(self) -> Block:
        block = Block(True, self._next().start_mark.column)
        while isinstance(self._next(), yaml.BlockEntryToken):
            dash = self._take()
            mark = dash.start_mark
            head = self._lines[mark.line][mark.column + 1 :].lstrip(" \t")
            entry = self._valued(Entry("", mark.column, mark.line, head), dash)
            if entry.body is not None:
                entry.head = self._beside_dash(entry)
            block.entries.append(entry)
        return block

    def _beside_dash(self, entry: Entry) -> str:
        """What stands on a dash's line and is not of its block: nothing, or a comment."""
        assert entry.body is not None
        if entry.body.entries[0].start == entry.start:
            return ""
        if entry.head and not entry.head.startswith("#"):
            raise NotInPartsError("an item of a list has an anchor or a tag", entry.start + 1)
        return entry.head

    def _valued(self, entry: Entry, before: Any) -> Entry:
        """The entry with its value, which begins behind the token ``before``."""
        last = before
        while isinstance(self._next(), yaml.AnchorToken | yaml.TagToken):
            last = self._take()
        entry.body = self._block(in_mapping=isinstance(before, yaml.ValueToken))
        if entry.body is not None:
            self._check_head(entry, last)
            entry.end = _end(entry.body)
            return entry
        if isinstance(self._next(), yaml.ScalarToken | yaml.AliasToken):
            last = self._take()
        elif isinstance(self._next(), yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
            last = self._flow()
        entry.end = max(self._end_of(last), entry.start + 1)
        entry.tail = self._lines[entry.start + 1 : entry.end]
        if not entry.tail or getattr(last, "style", None) in ("|", ">"):
            entry.head = entry.head.rstrip()
        return entry

    def _check_head(self, entry: Entry, last: Any) -> None:
        assert entry.body is not None
        if last.end_mark.line != entry.start or (entry.key and last.end_mark.line == entry.body.entries[0].start):
            raise NotInPartsError("a block does not begin on a line of its own", entry.start + 1)
        if not entry.key and isinstance(last, yaml.AnchorToken | yaml.TagToken):
            raise NotInPartsError("an item of a list has an anchor or a tag", entry.start + 1)
        entry.head = entry.head.rstrip()

    def _flow(self) -> Any:
        """The token that ends a collection in braces."""
        depth = 0
        while True:
            token = self._take()
            if isinstance(token, yaml.FlowMappingStartToken | yaml.FlowSequenceStartToken):
                depth += 1
            elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
                depth -= 1
                if not depth:
                    return token

    def _end_of(self, token: Any) -> int:
        """The line behind a token; empty lines below a block scalar are not of it, unless it keeps them (``+``)."""
        mark = token.end_mark
        if getattr(token, "style", None) not in ("|", ">"):
            return int(mark.line) + 1
        end = int(mark.line) + int(mark.column > 0)
        header = self._lines[token.start_mark.line][token.start_mark.column :].partition("#")[0]
        while "+" not in header and not self._lines[end - 1].strip():
            end -= 1
        return end


def _end(block: Block) -> int:
    return block.entries[-1].end


def _share(block: Block, lines: list[str]) -> None:
    """Gives what stands between two entries to the block that ends there, or to the entry that follows."""
    for index, entry in enumerate(block.entries):
        if entry.body is not None:
            inner = entry.body.entries[0]
            above = lines[entry.start + 1 : inner.start]
            inner.lead = [*([entry.head] if block.is_list and entry.head else []), *_plain(above, entry.start + 1)]
            _share(entry.body, lines)
        if index + 1 < len(block.entries):
            following = block.entries[index + 1]
            gap = _plain_columns(lines[entry.end : following.start], entry.end)
            kept = _inner(gap, block.column) if entry.body is not None else 0
            if entry.body is not None:
                _give(entry.body, gap[:kept])
            following.lead = [text for _, text in gap[kept:]]


def _give(block: Block, gap: list[tuple[int, str]]) -> None:
    """Comments below a block: the first ones that stand deeper are of the block that ends it."""
    body = block.entries[-1].body
    kept = _inner(gap, block.column) if body is not None else 0
    if body is not None:
        _give(body, gap[:kept])
    block.foot = [text for _, text in gap[kept:]]


def _inner(gap: list[tuple[int, str]], column: int) -> int:
    """How many lines belong to a block that is deeper than ``column``; empty lines at the end do not."""
    kept = 0
    for index, (at, text) in enumerate(gap):
        if text and at <= column:
            break
        kept = index + 1 if text else kept
    return kept


def _plain(lines: list[str], first: int, *, beginning: bool = False) -> list[str]:
    return [text for _, text in _plain_columns(lines, first, beginning=beginning)]


def _plain_columns(lines: list[str], first: int, *, beginning: bool = False) -> list[tuple[int, str]]:
    """Comments and empty lines with their columns. Raises ``NotInPartsError`` where anything else is among them."""
    return list(_comments(lines, first, beginning))


def _comments(lines: list[str], first: int, beginning: bool) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=first + 1):
        text = line.strip(" \t")
        if text and not text.startswith("#") and not (beginning and text.startswith(("---", "%"))):
            raise NotInPartsError("something stands there that is neither a key, an item nor a comment", number)
        yield len(line) - len(line.lstrip(" \t")), text
