"""Edits of one entry in a YAML file that leave every other byte of it as it was. Pure.

A release is copied between files by its text, with its comments and quotes; only the indentation and the line ends
become the target's. Whatever is written is read back: where the result says anything else than was meant, the edit is
refused, so that an odd file can never be damaged.

The finding ``splice-refused`` says what stands in the way.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Any

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding
from mlgitops.manifest import canonical
from mlgitops.promotion.entries import Entries, Entry, inside
from mlgitops.spec.document import Document, load
from mlgitops.spec.formatting.order import Place, in_order, place_of
from mlgitops.spec.formatting.written import formatted
from mlgitops.spec.positions import Pointer
from mlgitops.targets import manifest_yaml

RELEASE: Pointer = ("spec", "release")

_LINE_END = re.compile(r"\r\n|\n|\r")
_STEP = 2


def copy_block(source_path: str, source: bytes, path: str, content: bytes, pointer: Pointer = RELEASE) -> bytes:
    """The file ``path`` with the entry at ``pointer`` as the source file has it, comments within it included.

    Where the file has no such entry, it is written right below its parent's key. Raises ``FindingsError``.
    """
    origin, edit = load(source_path, source), _Edit(path, content)
    entries = Entries(origin.text)
    entry = entries.by_pointer.get(pointer)
    if entry is None:
        raise _refused(origin, pointer, "there is no such block to copy", "name another environment or version")
    if entry.in_flow:
        raise _refused(origin, pointer, "it is written within braces", "write its parent with one key a line")
    start, end = entries.line_start(entry.key), entries.line_end(entry.end)
    if any(use.anchor < start for use in entries.aliases if start <= use.at < end):
        raise _refused(origin, pointer, "it uses an anchor that stands outside of it", "write the value out")
    names = {name for name, at in entries.anchors if start <= at < end}
    block = _shifted(origin.text[start:end], -entry.column)
    return edit.put(pointer, block, _at(origin.data, pointer), names)


def set_value(path: str, content: bytes, pointer: Pointer, value: Any) -> bytes:
    """The file with ``value`` (JSON types) at ``pointer``, written anew, its keys as ``mlgitops fmt`` has them.

    A parent that is missing is written too. Raises ``FindingsError``.
    """
    return _Edit(path, content).write(pointer, value)


def remove(path: str, content: bytes, pointer: Pointer) -> bytes:
    """The file without the entry at ``pointer``; as it was where there is none. Raises ``FindingsError``."""
    return _Edit(path, content).remove(pointer)


class _Edit:
    """One file that is to be edited."""

    def __init__(self, path: str, content: bytes) -> None:
        self._mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        self._document = load(path, content)
        self._text = self._document.text
        self._entries = Entries(self._text)
        found = _LINE_END.search(self._text)
        self._line_end = found[0] if found else "\n"

    def write(self, pointer: Pointer, value: Any) -> bytes:
        made = self.put(pointer, _written(str(pointer[-1]), in_order(value, self._place(pointer))), value)
        return made if self._entries.by_pointer.get(pointer) else self._formed(made)

    def _place(self, pointer: Pointer) -> Place:
        """Where an entry is in the schema of the file's kind."""
        place = place_of(self._document.data.get("kind"))
        for part in pointer:
            place = place.at(part) if isinstance(part, str) else place.item()
        return place

    def put(self, pointer: Pointer, block: str, value: Any, anchors: set[str] | frozenset[str] = frozenset()) -> bytes:
        entry = self._entries.by_pointer.get(pointer)
        if entry is None:
            text = self._inserted(pointer, block)
        elif entry.in_flow or not (isinstance(value, dict | list) or entry.is_block or entry.is_flow):
            text = self._value_replaced(pointer, entry, block)
        else:
            text = self._replaced(pointer, entry, block, anchors)
        return self._checked(text, pointer, _with(self._document.data, pointer, value))

    def remove(self, pointer: Pointer) -> bytes:
        entry = self._entries.by_pointer.get(pointer)
        if entry is None:
            return self._mark + self._text.encode()
        start, end = self._region(pointer, entry)
        return self._checked(self._text[:start] + self._text[end:], pointer, _without(self._document.data, pointer))

    def _replaced(self, pointer: Pointer, entry: Entry, block: str, anchors: set[str] | frozenset[str]) -> str:
        start, end = self._region(pointer, entry)
        if {name for name, at in self._entries.anchors if not start <= at < end} & anchors:
            raise self._refuse(pointer, "an anchor in it has the name of one that stands elsewhere in this file")
        made = self._fitted(block, entry.column)
        ends_bare = end == len(self._text) and not self._text.endswith(("\n", "\r"))
        return self._text[:start] + (made.rstrip("\r\n") if ends_bare else made) + self._text[end:]

    def _value_replaced(self, pointer: Pointer, entry: Entry, block: str) -> str:
        """A value on its key's line, in its place: what follows it on the line stays."""
        value = block.partition(":")[2].strip()
        if entry.is_flow or entry.is_block or "\n" in value or not value:
            raise self._refuse(pointer, "it is written within braces")
        self._refuse_shared(pointer, entry.start, entry.end)
        gap = " " if self._text[entry.start - 1 : entry.start] == ":" else ""
        return self._text[: entry.start] + gap + value + self._text[entry.end :]

    def _inserted(self, pointer: Pointer, block: str) -> str:
        """The text with the block below its parent's key; a parent that is missing is written as well."""
        parent = pointer[:-1]
        holder = self._entries.by_pointer.get(parent)
        if not parent:
            raise self._refuse(pointer, "it has no parent in this file")
        if holder is None:
            return self._inserted(parent, f"{parent[-1]}:\n{_shifted(block, _STEP)}")
        empty = holder.start == holder.end
        if holder.in_flow or not (holder.is_block or empty):
            raise self._refuse(parent, "its parent is written within braces")
        columns = [one.column for at, one in self._entries.by_pointer.items() if at[:-1] == parent]
        column = columns[0] if columns else holder.column + _STEP
        after = self._entries.line_end(holder.key)
        before = self._text[:after]
        gap = "" if before.endswith(("\n", "\r")) else self._line_end
        return before + gap + self._fitted(block, column) + self._text[after:]

    def _formed(self, made: bytes) -> bytes:
        """What was made as ``mlgitops fmt`` writes it, where the file was as that writes it."""
        path, before = self._document.path, self._mark + self._text.encode()
        try:
            return formatted(path, made) if formatted(path, before) == before else made
        except FindingsError:
            return made

    def _region(self, pointer: Pointer, entry: Entry) -> tuple[int, int]:
        """The lines of an entry that has them to itself."""
        if entry.in_flow:
            raise self._refuse(pointer, "it is written within braces")
        start, end = self._entries.line_start(entry.key), self._entries.line_end(entry.end)
        if self._text[start : entry.key].strip():
            raise self._refuse(pointer, "its key does not begin its line")
        self._refuse_shared(pointer, start, end)
        return start, end

    def _refuse_shared(self, pointer: Pointer, start: int, end: int) -> None:
        uses = [use for use in self._entries.aliases if not start <= use.at < end]
        if inside([use.anchor for use in uses], start, end):
            raise self._refuse(pointer, "an anchor in it is used elsewhere in this file")

    def _fitted(self, block: str, column: int) -> str:
        lines = _LINE_END.sub("\n", _shifted(block, column)).removesuffix("\n")
        return lines.replace("\n", self._line_end) + self._line_end

    def _refuse(self, pointer: Pointer, reason: str) -> FindingsError:
        return _refused(self._document, pointer, reason, "write it in lines of its own, without anchors and braces")

    def _checked(self, text: str, pointer: Pointer, meant: Mapping[str, Any]) -> bytes:
        """The text's bytes, once it is sure that they say what is meant and nothing else."""
        content = text.encode()
        try:
            data = load(self._document.path, content).data
        except FindingsError as error:
            reason = f"the file could not be read afterwards ({error.findings[0].message})"
            raise self._refuse(pointer, reason) from error
        if canonical(data) != canonical(meant):
            raise self._refuse(pointer, "something else in the file would change its meaning")
        return self._mark + content


def _written(key: str, value: Any) -> str:
    """An entry as YAML text that all readers understand alike, its keys in their order, its items below their key."""
    return formatted(f"{key}.yaml", manifest_yaml.dump_as_given({key: value}).encode()).decode()


def _shifted(block: str, columns: int) -> str:
    """Every line moved by some columns; empty lines stay empty, and no line loses more than its blanks."""
    lines = block.splitlines(keepends=True)
    if columns >= 0:
        return "".join(line if not line.strip("\r\n") else " " * columns + line for line in lines)
    return "".join(line[min(-columns, len(line) - len(line.lstrip(" "))) :] for line in lines)


def _at(data: Any, pointer: Pointer) -> Any:
    for part in pointer:
        data = data[part]
    return data


def _with(data: Any, pointer: Pointer, value: Any) -> dict[str, Any]:
    """A copy of the data with a value at the pointer."""
    first, *rest = pointer
    held = data if isinstance(data, dict) else {}
    inner = _with(held.get(first), tuple(rest), value) if rest else value
    return {**held, str(first): inner}


def _without(data: Mapping[str, Any], pointer: Pointer) -> dict[str, Any]:
    first, *rest = pointer
    if rest:
        return {**data, str(first): _without(data[str(first)], tuple(rest))}
    return {key: value for key, value in data.items() if key != first}


def _refused(document: Document, pointer: Pointer, reason: str, help: str) -> FindingsError:
    name = ".".join(map(str, pointer))
    finding: Finding = document.finding(
        "splice-refused", pointer, f"{name} cannot be edited: {reason}", help=help, key=True
    )
    return FindingsError([finding])
