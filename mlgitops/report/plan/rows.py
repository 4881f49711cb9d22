"""What a plan says of one object, as rows that any report can lay out: a symbol, a field, its old and new value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mlgitops.manifest import LABEL_PREFIX, Identity
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Path
from mlgitops.plan.ignore import suggestion
from mlgitops.plan.masking import masked
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.plan.values import ARROW, leaves, masked_lines, shortened_pair, shown

SYMBOLS = {Action.CREATE: "+", Action.UPDATE: "~", Action.DELETE: "-", Action.UNCHANGED: " ", Action.REPLACE: "±"}

_BLOCK_LINES = 20
"""Lines of a changed text of several lines that are shown."""
_LEAVES = 8
"""Fields of a block that was added or removed that are shown."""
_KEY_FIELDS = (
    ("modelFormat", "name"), ("runtime",), ("storageUri",), ("image",), ("minReplicas",), ("maxReplicas",),
    ("schedules",), ("runtimeRef", "name"), ("numNodes",), ("parallelism",),
)  # fmt: skip
_KEY_ROWS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One line under an object: ``+``, ``-``, ``~`` or a blank, the field, its values, and the file and line.

    ``block`` has the lines of a difference of long texts, each with its own symbol. A row without a symbol is a remark.
    """

    symbol: str
    field: str
    old: str = ""
    new: str = ""
    source: str = ""
    block: tuple[tuple[str, str], ...] = ()


def rows(change: Change, full: bool) -> list[Row]:
    """The rows of a change; ``full`` leaves nothing out and shortens nothing."""
    fields = _created(change, full) if change.action is Action.CREATE else changed_rows(change.fields, full)
    return [*fields, *_objections(change), *(_stays(field) for field in (change.explained if full else ()))]


def _objections(change: Change) -> Iterator[Row]:
    """What the target has against the change, and what to do about it."""
    if change.refused:
        yield Row("", inert.line(f"the target refuses it: {change.refused}"))
    if change.conflicts:
        kept = ", ".join(f"{one.field} is kept by {one.manager}" for one in change.conflicts)
        yield Row(
            "", inert.line(f"{kept}: apply --force-conflicts takes it; to leave it, write in the environment's spec")
        )
        lines = suggestion(change.identity, (one.field for one in change.conflicts))
        yield from (Row("", inert.line(f"  {line}")) for line in lines)


def _stays(field: FieldChange) -> Row:
    """A field that is not as Git says, and stays so."""
    return Row("", inert.line(f"{pointer(field.path)} stays {shown(field.path, field.old)} ({field.reason})"))


def changed_rows(fields: Sequence[FieldChange], full: bool) -> list[Row]:
    """The rows of fields that differ; changes of tags are one row unless ``full``."""
    tags = [] if full else [field for field in fields if _is_tag(field.path)]
    others = [field for field in fields if full or not _is_tag(field.path)]
    return [row for field in others for row in _field_rows(field, full)] + ([_tags(tags)] if tags else [])


def values(row: Row, room: int) -> str:
    """The values of a row in about ``room`` characters: ``old -> new``, or the only one there is; may be empty."""
    old, new = shortened_pair(row.old, row.new, room)
    return f"{old}{ARROW}{new}" if row.symbol == "~" and (old or new) else old or new


def object_name(one: Identity) -> str:
    """``Kind/name (namespace)``."""
    return inert.line(f"{one.kind}/{one.name}" + (f" ({one.namespace})" if one.namespace else ""))


def pointer(path: Path) -> str:
    """A path as text: ``spec.containers[main].args[0]``."""
    return inert.line(FieldChange(path, None, None).pointer)


def _created(change: Change, full: bool) -> list[Row]:
    """Of an object that is new only what tells it from others, for all of it is new."""
    if change.desired is None:
        return [Row("", "its content is not in the plan file, because it is a Secret")]
    fields = [masked(change.desired, FieldChange(path, ABSENT, value)) for path, value in leaves((), change.desired)]
    if full:
        return [row for field in fields for row in _field_rows(field, full)]
    content = [field for field in fields if field.path[0] not in ("apiVersion", "kind", "metadata")]
    key = [field for suffix in _KEY_FIELDS for field in content if _names(field.path)[-len(suffix) :] == suffix]
    key = key[:_KEY_ROWS]
    rest = len(content) - len(key)
    more = [Row("", f"… {counted(rest, 'more field')}" if key else counted(rest, "field"))] if rest else []
    return [*(row for field in key for row in _field_rows(field, full)), *more]


def _names(path: Path) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str) and not part.startswith("["))


def _is_tag(path: Path) -> bool:
    """Whether a field is one of the labels and annotations by which we know what an object belongs to."""
    if len(path) < 2 or path[-2] not in ("labels", "annotations", "matchLabels"):
        return False
    key = str(path[-1])
    return key.startswith(LABEL_PREFIX) or key in ("app.kubernetes.io/version", "version")


def _tags(fields: Sequence[FieldChange]) -> Row:
    """All changed tags in one row, since a release changes them on every object."""
    names = sorted({str(field.path[-1]).removeprefix(LABEL_PREFIX) for field in fields})
    version = next((field for field in fields if field.path[-1] == "app.kubernetes.io/version"), None)
    source = next((field.source for field in fields if field.source), "")
    words = f"tags ({inert.line(', '.join(names))})"
    if version is None:
        return Row("~", words, source=source)
    return Row("~", words, shown(version.path, version.old), shown(version.path, version.new), source)


def _field_rows(field: FieldChange, full: bool) -> Iterator[Row]:
    yield from _value_rows(field, full)
    if field.reason:
        yield Row("", inert.line(f"  {field.reason}"))


def _value_rows(field: FieldChange, full: bool) -> Iterator[Row]:
    if isinstance(field.old, str) and isinstance(field.new, str) and "\n" in field.old + field.new:
        yield Row("~", pointer(field.path), source=field.source, block=tuple(_text_difference(field, full)))
    elif field.old is ABSENT or field.new is ABSENT:
        yield from _one_sided(field, full)
    else:
        yield Row("~", pointer(field.path), *_values(field), field.source)


def _values(field: FieldChange) -> tuple[str, str]:
    """Both values; where they look the same, as two hidden secrets do, the new one only says that it differs."""
    old, new = shown(field.path, field.old), shown(field.path, field.new)
    return old, ("(changed)" if old == new else new)


def _one_sided(field: FieldChange, full: bool) -> Iterator[Row]:
    symbol, value = ("+", field.new) if field.old is ABSENT else ("-", field.old)
    inside = list(leaves(field.path, value))
    limit = len(inside) if full else _LEAVES
    for path, leaf in inside[:limit]:
        if isinstance(leaf, str) and "\n" in leaf:
            lines = masked_lines(leaf)
            yield Row(symbol, pointer(path), source=field.source, block=tuple(_cut([(symbol, x) for x in lines], full)))
        else:
            text = shown(path, leaf)
            yield Row(symbol, pointer(path), text if symbol == "-" else "", text if symbol == "+" else "", field.source)
    if len(inside) > limit:
        yield Row("", f"… {counted(len(inside) - limit, 'more field')} in {pointer(field.path)}")


def _text_difference(field: FieldChange, full: bool) -> list[tuple[str, str]]:
    old, new = masked_lines(field.old), masked_lines(field.new)
    found = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
    lines = [("", "…") if line.startswith("@@") else (line[:1], line[1:]) for line in found]
    lines = lines[1:] if lines and lines[0] == ("", "…") else lines
    return _cut(lines or [("", "(changed where it looks like a secret, or at its end)")], full)


def _cut(lines: Iterable[tuple[str, str]], full: bool) -> list[tuple[str, str]]:
    lines = list(lines)
    if full or len(lines) <= _BLOCK_LINES:
        return lines
    return [*lines[:_BLOCK_LINES], ("", f"… {counted(len(lines) - _BLOCK_LINES, 'more line')}")]
