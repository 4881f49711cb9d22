"""A drawing in the language of Graphviz. Pure.

Source of the syntax: "DOT Language" of Graphviz' documentation; in a quoted text only ``"`` and ``\\`` mean something.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.report import inert
from mlgitops.report.graph.drawing import Box, Drawing, key_of

_SHAPES = {"target": "cylinder", "pipeline": "component", "step template": "note"}
_LINES = {"runs at": "dotted", "is replaced by": "dashed"}


def text(drawing: Drawing) -> str:
    """The graph, from left to right, with a frame as a cluster."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    yield "digraph {"
    yield f"  graph [rankdir=LR, label={_quoted(drawing.title)}, labelloc=t, fontname=Helvetica]"
    yield "  node [shape=box, style=rounded, fontname=Helvetica]"
    yield "  edge [fontname=Helvetica, fontsize=10]"
    for frame in drawing.frames:
        inside = [_box(box) for box in drawing.boxes if box.frame == frame]
        if not frame:
            yield from (f"  {line}" for line in inside)
        else:
            yield f"  subgraph cluster_{key_of('environment', frame)} {{"
            yield f"    label={_quoted(frame)}"
            yield from (f"    {line}" for line in inside)
            yield "  }"
    for arrow in drawing.arrows:
        style = _LINES.get(arrow.word, "solid")
        yield f'  "{arrow.source}" -> "{arrow.to}" [label={_quoted(arrow.word)}, style={style}]'
    yield "}"


def _box(box: Box) -> str:
    shape = f", shape={_SHAPES[box.kind]}" if box.kind in _SHAPES else ""
    return f'"{box.key}" [label={_quoted(box.name, *box.details)}{shape}]'


def _quoted(*lines: str) -> str:
    """Lines of text as one quoted label."""
    shown = (inert.line(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(shown) + '"'
