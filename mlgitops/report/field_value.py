"""Where the value of a field comes from, as text for people. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from mlgitops.report import inert
from mlgitops.report.style import Style
from mlgitops.spec.field_value import FieldValue, Said


def text(values: Iterable[FieldValue], style: Style) -> str:
    """A block for each model, environment and target: the value, then the layers, the one that counts first."""
    return "\n".join("".join(f"{line}\n" for line in _block(value, style)) for value in values)


def _block(value: FieldValue, style: Style) -> Iterator[str]:
    place = f"{value.owner} in {value.environment} on {value.target}"
    yield f"{style.bold(inert.line(place))}: {_shown(value.value)}"
    if not value.said:
        yield style.dim("  built-in default")
    for number, said in enumerate(reversed(value.said)):
        yield _line(said, style, counts=number == 0)


def _line(said: Said, style: Style, *, counts: bool) -> str:
    shown = "deleted" if said.value is None else _shown(said.value)
    line = f"{inert.line(str(said.location))}  {inert.line(said.layer)}: {shown}"
    return f"  {line}" if counts else style.dim(f"  {line} (overridden or merged)")


def _shown(value: object) -> str:
    return inert.line(json.dumps(value, ensure_ascii=False))
