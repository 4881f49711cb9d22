"""Writes a spec in its one form. The result says the same, with the same comments, or there is none. Pure."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator

import yaml

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, Location
from mlgitops.manifest import canonical
from mlgitops.spec.document import Document, load
from mlgitops.spec.formatting.order import Place, place_of
from mlgitops.spec.formatting.parts import Block, Entry, NotInPartsError, parts

STEP = 2
"""Blanks a level; an item's dash stands a level below its key."""
_COMMENT = re.compile(r"#[^\r\n]*")
_HELP = "format it by hand, or write it with one key a line and without anchors"


def formatted(path: str, content: bytes) -> bytes:
    """The file as it ought to look; the same bytes where it does already. Formatting twice is formatting once.

    Keys come in the schema's order, unknown ones last; items, values, quotes and what is in braces stay as they are.
    Line ends and a byte order mark stay, blanks at the ends of lines go, and of several empty lines one stays. Raises
    ``FindingsError`` where the file cannot be read, or where it would not be sure to say the same.
    """
    document = load(path, content)
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    try:
        top = parts(document.text)
    except NotInPartsError as error:
        raise _refused(document, error.reason, error.line) from error
    text = "\n".join(_block(top, 0, place_of(document.data.get("kind")), is_top=True)) + "\n"
    if _ends_bare(document.text) and _ends_bare(bare := text.removesuffix("\n")):
        text = bare
    found = re.search(r"\r\n|\n|\r", document.text)
    return mark + _checked(document, text.replace("\n", found[0] if found else "\n"))


def _ends_bare(text: str) -> bool:
    """Whether the text ends with a block scalar's last line, which a line end would make longer."""
    if text.endswith(("\n", "\r")):
        return False
    scalars = [token for token in yaml.scan(text, Loader=yaml.CSafeLoader) if isinstance(token, yaml.ScalarToken)]
    return bool(scalars) and scalars[-1].style in ("|", ">") and scalars[-1].end_mark.index == len(text)


def _block(block: Block, indent: int, place: Place, *, is_top: bool = False) -> Iterator[str]:
    """The lines of a block at a column. What stands above the first key of a file stays there, whatever key that is."""
    entries = block.entries if block.is_list else _ordered(block.entries, place.order)
    beginning = block.entries[0].lead if is_top else []
    if is_top:
        block.entries[0].lead = []
        yield from _comments(beginning, 0, at_start=True)
    for index, entry in enumerate(entries):
        yield from _comments(entry.lead, indent, at_start=not index and not beginning)
        yield from _item(entry, indent, place.item()) if block.is_list else _entry(entry, indent, place)
    yield from _comments(_without_last_empty(block.foot), indent)


def _ordered(entries: list[Entry], order: tuple[str, ...]) -> list[Entry]:
    places = {key: index for index, key in enumerate(order)}
    return sorted(entries, key=lambda entry: places.get(entry.key, len(order)))


def _entry(entry: Entry, indent: int, place: Place) -> Iterator[str]:
    yield " " * indent + entry.head
    if entry.body is None:
        yield from _shifted(entry.tail, indent - entry.column)
    else:
        yield from _block(entry.body, indent + STEP, place.at(entry.key))


def _item(entry: Entry, indent: int, place: Place) -> Iterator[str]:
    if entry.body is None:
        yield f"{' ' * indent}- {entry.head}".rstrip() if not entry.tail else f"{' ' * indent}- {entry.head}"
        yield from _shifted(entry.tail, indent - entry.column)
        return
    inner = _block(entry.body, indent + STEP, place)
    for line in inner:
        if line and not line.lstrip(" ").startswith("#"):
            yield f"{' ' * indent}- {line[indent + STEP :]}"
            break
        yield line[STEP:]  # a comment on what the item begins with stands above the dash
    yield from inner


def _comments(lines: list[str], indent: int, *, at_start: bool = False) -> Iterator[str]:
    """Comments at a column, with at most one empty line in a row, and none at the start of a block."""
    was_empty = at_start
    for line in lines:
        if line:
            yield " " * indent + line
        elif not was_empty:
            yield ""
        was_empty = not line


def _without_last_empty(lines: list[str]) -> list[str]:
    last = max((index for index, line in enumerate(lines, start=1) if line), default=0)
    return lines[:last]


def _shifted(lines: list[str], columns: int) -> Iterator[str]:
    """Lines moved by some columns; none loses more than its blanks, and an empty one stays empty."""
    for line in lines:
        if columns >= 0:
            yield " " * columns + line if line else line
        else:
            yield line[min(-columns, len(line) - len(line.lstrip(" "))) :]


def _checked(document: Document, text: str) -> bytes:
    """The bytes, once it is sure that they hold the same values and the same comments."""
    content = text.encode()
    try:
        same = canonical(load(document.path, content).data) == canonical(document.data)
    except FindingsError as error:
        found = error.findings[0]
        raise _refused(document, f"it could not be read afterwards ({found.message})", 0) from error
    if not same or comments(text) != comments(document.text):
        raise _refused(document, "it would not be sure to say the same", 0)
    return content


def comments(text: str) -> Counter[str]:
    """How often each comment is in a YAML text, whatever stands around it; those behind ``|`` are part of a scalar."""
    found: Counter[str] = Counter()
    end = 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        if token.start_mark.index > end:
            found.update(match.rstrip() for match in _COMMENT.findall(text[end : token.start_mark.index]))
        end = max(end, token.end_mark.index)
    return found


def _refused(document: Document, reason: str, line: int) -> FindingsError:
    location = Location(document.path, line, 1 if line else 0)
    return FindingsError([
        Finding("format-refused", f"the file cannot be formatted: {reason}", location,
                excerpt=document.excerpt(line) if line else "", help=_HELP)
    ])  # fmt: skip
