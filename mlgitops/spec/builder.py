"""From a YAML text to plain data, with every trap closed. Pure.

One walk over the events of libyaml's parser, without recursion: depth and size are bounded while reading, nothing is
resolved by a tag, and a plain scalar means what ``scalars.plain`` says. Goes on after a finding, so that all are told.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from yaml import CBaseLoader
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from mlgitops.finding import Finding, Location
from mlgitops.spec.aliases import Anchored, Anchors, Refusal
from mlgitops.spec.positions import Pointer, Positions, span
from mlgitops.spec.scalars import Trap, plain
from mlgitops.spec.secrets import MASK, looks_secret
from mlgitops.spec.source_text import UNSEEN, unseen_name

MAX_DEPTH = 32
"""Levels of mappings and lists in one another."""
MAX_VALUES = 100_000
"""Scalars, mappings and lists in a file, keys and what aliases repeat counted too."""
MAX_FINDINGS = 100
"""Findings for one file; reading stops there."""

STRING_TAG = "tag:yaml.org,2002:str"
NOTHING = object()
"""What a text without any document holds."""
_NO_KEY: Any = object()


class _StoppedError(Exception):
    """Ends the walk; what is wrong has been noted."""


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet. ``height`` counts the levels in it, itself too."""

    data: Any
    keyed: bool
    start: Event | None = None
    values_before: int = 0
    height: int = 1
    key: Any = _NO_KEY


class Builder:
    """Builds the data of one text: ``build``, then read ``findings``."""

    def __init__(self, path: str, text: str) -> None:
        self.findings: list[Finding] = []
        self._path = path
        self._text = text
        self._positions: Positions | None = None
        self._root: list[Any] = []
        self._top = _Open(self._root, keyed=False)
        self._open: list[_Open] = []
        self._values = 0
        self._anchors = Anchors()

    def build(self) -> Any:
        """The data, or ``NOTHING``. Unsound where there are findings. Raises ``yaml.YAMLError`` for a syntax error."""
        parser = CBaseLoader(self._text)
        take = _TAKE.get
        try:
            while (event := parser.get_event()) is not None:
                if taker := take(type(event)):
                    taker(self, event)
        except _StoppedError:
            pass
        return self._root[0] if self._root else NOTHING

    def _scalar(self, event: Any) -> None:
        top = self._top
        if top.keyed and top.key is _NO_KEY:
            self._key(event)
            return
        value = event.value
        if event.tag is None and event.implicit[0]:
            value = plain(value)
            if type(value) is Trap:
                self._trap(event, value)
        elif event.tag is not None or event.style == '"':
            self._check_written(event)
        self._attach(value, event)
        if event.anchor is not None:
            self._anchors.known[event.anchor] = Anchored(value, 1, 0)

    def _check_written(self, event: Any) -> None:
        """Findings for a tag, and for what escapes have put into a double-quoted scalar."""
        if event.tag not in (None, STRING_TAG):
            self._tag(event)
        if not event.value.isprintable() and (match := UNSEEN.search(event.value)):
            message = f"the escape for {unseen_name(match[0])} is not allowed"
            self._note("control-character", event, message, "remove it")

    def _trap(self, event: Any, trap: Trap) -> None:
        secret = looks_secret(self._name(), event.value)
        shown = MASK if secret else _cut(event.value)
        quoted = "" if secret else f'"{shown}"'
        self._note(trap.code, event, f"{shown} {trap.reason}", trap.help, quoted)

    def _name(self) -> str:
        """What the value is called whose turn it is: its key, or the ``name`` beside a ``value``."""
        key = next((part for part in reversed(self._pointer()) if isinstance(part, str)), "")
        return str(self._top.data.get("name", key)) if key == "value" and self._top.keyed else key

    def _key(self, event: Any) -> None:
        self._values += 1
        key = self._top.key = event.value
        known = self._top.data
        if event.tag is None and event.implicit[0]:
            if key == "<<":
                help = "repeat the fields, or put what is shared into defaults of the Project or the Environment"
                self._note("merge-key", event, "the YAML merge key << is not supported", help)
            elif type(plain(key)) is not str:
                shown = _cut(key)
                self._note("non-string-key", event, f"the key {shown or 'null'} is not text", "quote it", f'"{shown}"')
        elif event.tag is not None or event.style == '"':
            self._check_written(event)
        if key in known:
            self._duplicate(event, key)
        if event.anchor is not None:
            self._anchors.known[event.anchor] = Anchored(key, 1, 0)

    def _duplicate(self, event: Any, key: str) -> None:
        self._positions = self._positions or Positions(self._path, self._text)
        first = self._positions.locate(self._pointer(), key=True)
        message = f"the key {_cut(key)!r} is given twice; it is first given at line {first.line}, column {first.column}"
        self._note("duplicate-key", event, message, "keep one of them")

    def _start(self, event: Any, data: Any, keyed: bool) -> None:
        if event.tag is not None:
            self._tag(event)
        if len(self._open) >= MAX_DEPTH:
            self._stop("too-deep", event, f"the nesting is deeper than {MAX_DEPTH} levels", "flatten the file")
        self._open.append(self._top)
        self._top = _Open(data, keyed, event, self._values)

    def _start_mapping(self, event: Any) -> None:
        self._start(event, {}, keyed=True)

    def _start_list(self, event: Any) -> None:
        self._start(event, [], keyed=False)

    def _end(self, event: Event) -> None:
        ended, self._top = self._top, self._open.pop()
        self._top.height = max(self._top.height, ended.height + 1)
        start: Any = ended.start
        if self._top.keyed and self._top.key is _NO_KEY:
            self._note("non-string-key", start, "a mapping or list cannot be a key", "write a text as the key")
        self._attach(ended.data, event)
        if start.anchor is not None:
            self._anchors.known[start.anchor] = Anchored(ended.data, self._values - ended.values_before, ended.height)

    def _alias(self, event: Any) -> None:
        found = self._anchors.use(
            event.anchor, [getattr(held.start, "anchor", None) for held in [*self._open, self._top]]
        )
        if isinstance(found, Refusal):
            self._note(found.code, event, _cut(found.message), found.help, found.suggestion)
            if found.final:
                raise _StoppedError
            found = Anchored(None, 1, 0)
        if len(self._open) + found.height > MAX_DEPTH:
            self._stop("too-deep", event, f"the alias makes more than {MAX_DEPTH} levels", "write the value out")
        if self._top.keyed and self._top.key is _NO_KEY:
            self._note("non-string-key", event, "an alias cannot be a key", "write the key out")
        self._top.height = max(self._top.height, found.height + 1)
        self._values += found.values - 1
        self._attach(copy.deepcopy(found.data), event)

    def _attach(self, value: Any, event: Any) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self._stop("too-many-values", event, f"the file holds more than {MAX_VALUES:,} values", "split it")
        top = self._top
        if not top.keyed:
            top.data.append(value)
        elif top.key is _NO_KEY:
            top.key = object()  # equal to no other key
        else:
            top.data[top.key] = value
            top.key = _NO_KEY

    def _document(self, event: Event) -> None:
        if self._root:
            help = "split the file: one document a file"
            self._stop("multiple-documents", event, "a second YAML document begins here", help)

    def _tag(self, event: Any) -> None:
        if event.tag != STRING_TAG or not isinstance(event, ScalarEvent):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            help = "leave the tag out; quote a value that is to be text or that begins with !"
            self._note("explicit-tag", event, f"the tag {_cut(tag)} is not allowed", help)

    def _pointer(self) -> Pointer:
        """The way to where the walk stands: without the last key where none is pending."""
        pointer: list[str | int] = []
        for held in [*self._open, self._top][1:]:
            if not held.keyed:
                pointer.append(len(held.data))
            elif held.key is not _NO_KEY:
                pointer.append(held.key if isinstance(held.key, str) else "?")
        return tuple(pointer)

    def _note(self, code: str, event: Any, message: str, help: str, suggestion: str = "") -> None:
        if len(self.findings) == MAX_FINDINGS:
            code, message, help = "too-many-findings", f"more than {MAX_FINDINGS} findings", "mend these first"
        pointer = ".".join(map(str, self._pointer()))
        location = Location(self._path, *span(event))
        self.findings.append(Finding(code, message, location, pointer=pointer, help=help, suggestion=suggestion))
        if len(self.findings) > MAX_FINDINGS:
            raise _StoppedError

    def _stop(self, code: str, event: Any, message: str, help: str) -> NoReturn:
        self._note(code, event, message, help)
        raise _StoppedError


def _cut(text: str) -> str:
    """As much of the text as a message can bear."""
    return text if len(text) <= 60 else text[:59] + "…"


_TAKE: dict[type[Event], Callable[[Builder, Any], None]] = {
    ScalarEvent: Builder._scalar,
    MappingStartEvent: Builder._start_mapping,
    MappingEndEvent: Builder._end,
    SequenceStartEvent: Builder._start_list,
    SequenceEndEvent: Builder._end,
    AliasEvent: Builder._alias,
    DocumentStartEvent: Builder._document,
}
