"""A drawing as Mermaid's flowchart, which GitHub, GitLab and many editors show. Pure.

Source of the syntax: the flowchart page of Mermaid's documentation; its entity codes (``#35;``) take decimal numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlgitops.report import inert
from mlgitops.report.graph.drawing import Box, Drawing, key_of

_SHAPES = {"environment": ("([", "])"), "target": ("[(", ")]"), "pipeline": ("[[", "]]")}
_LINES = {"runs at": "-.->", "is replaced by": "-.->"}
_UNSAFE = re.compile(r"[^\w .,:/@()+-]")


def text(drawing: Drawing) -> str:
    """The flowchart, from left to right, with a frame as a subgraph."""
    return "\n".join(_lines(drawing)) + "\n"


def _lines(drawing: Drawing) -> Iterator[str]:
    yield "flowchart LR"
    for frame in drawing.frames:
        inside = [_box(box) for box in drawing.boxes if box.frame == frame]
        if not frame:
            yield from (f"  {line}" for line in inside)
        else:
            yield f'  subgraph {key_of("environment", frame)}["{_escaped(frame)}"]'
            yield from (f"    {line}" for line in inside)
            yield "  end"
    for arrow in drawing.arrows:
        yield f'  {arrow.source} {_LINES.get(arrow.word, "-->")}|"{_escaped(arrow.word)}"| {arrow.to}'


def _box(box: Box) -> str:
    before, after = _SHAPES.get(box.kind, ("[", "]"))
    return f'{box.key}{before}"{"<br/>".join(map(_escaped, (box.name, *box.details)))}"{after}'


def _escaped(text: str) -> str:
    """Text that is neither markup nor Markdown to Mermaid: all but letters, digits and plain marks as numbers."""
    return _UNSAFE.sub(lambda match: f"#{ord(match[0])};", inert.line(text)).replace("_", "#95;")
