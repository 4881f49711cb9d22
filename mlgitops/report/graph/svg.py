"""A drawing as SVG, without any other program, for light and dark pages. Pure.

It holds no script and asks for nothing outside of itself. Text is set in a font of fixed width, so that the widths of
boxes are known beforehand.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from mlgitops.report import inert
from mlgitops.report.graph.drawing import MISSING, Box, Drawing
from mlgitops.report.graph.layout import Point, Size, placed

LONGEST = 60
"""Characters of a line in a box; what is longer is cut in the middle, and whole in the box's title."""
_LETTER, _LINE, _PADDING = 7.3, 17, 10
"""Pixels: the width of a letter at 12 pixels, the height of a line, the room around the text of a box."""
_GAP = Size(70, 18)
_MARGIN = 24
_STYLE = """\
text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328; }
.name { font-weight: bold; }
.title { font-size: 15px; font-weight: bold; }
.detail, .word { fill: #59636e; }
.box { fill: #ffffff; stroke: #59636e; }
.environment { fill: #ddf4ff; stroke: #0969da; }
.model { fill: #dafbe1; stroke: #1a7f37; }
.pipeline { fill: #fff8c5; stroke: #9a6700; }
.missing { fill: #ffebe9; stroke: #d1242f; stroke-dasharray: 5 3; }
.frame { fill: none; stroke: #afb8c1; }
.arrow { fill: none; stroke: #59636e; stroke-width: 1.3; }
.light { stroke: #afb8c1; }
.dashed { stroke-dasharray: 6 4; }
.dotted { stroke-dasharray: 2 3; }
.mixed { stroke-dasharray: 9 3 2 3; }
.head { fill: #59636e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .detail, .word { fill: #9198a1; }
  .page { fill: #0d1117; }
  .box { fill: #151b23; stroke: #9198a1; }
  .environment { fill: #12263f; stroke: #4493f8; }
  .model { fill: #12261e; stroke: #3fb950; }
  .pipeline { fill: #272115; stroke: #d29922; }
  .missing { fill: #25171c; stroke: #f85149; }
  .frame, .light { stroke: #3d444d; }
  .arrow { stroke: #9198a1; }
  .light { stroke: #3d444d; }
  .head { fill: #9198a1; }
}"""
_LINES = {"runs at": " light", "is replaced by": " mixed", "trains": " dashed", "uses": " dotted"}


def text(drawing: Drawing) -> str:
    """The picture as a file of its own: what each line means is told below it."""
    parts, y, width = [], 56.0, len(drawing.title) * _LETTER * 1.3
    for frame in drawing.frames:
        boxes = [box for box in drawing.boxes if box.frame == frame]
        part, size = _frame(frame, boxes, drawing, y)
        parts += part
        y, width = y + size.height + _MARGIN, max(width, size.width)
    legend = list(_legend(drawing, y))
    width = max(width, 380.0 if legend else 0.0) + 2 * _MARGIN
    return "\n".join([*_head(drawing, width, y + len(legend) * 9 + 8), *parts, *legend, "</svg>"]) + "\n"


def _head(drawing: Drawing, width: float, height: float) -> Iterator[str]:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" {size}>'
    yield f'<title id="title">{_safe(drawing.title)}</title>'
    yield f"<style>\n{_STYLE}\n</style>"
    yield '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    yield '<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>'
    yield '<rect class="page" width="100%" height="100%" fill="#ffffff"/>'
    yield f'<text class="title" x="{_MARGIN}" y="32">{_safe(drawing.title)}</text>'


def _frame(frame: str, boxes: Sequence[Box], drawing: Drawing, top: float) -> tuple[list[str], Size]:
    """The boxes of one frame and their arrows, from ``top`` downwards, and how much room they take."""
    keys = {box.key: box for box in boxes}
    arrows = [arrow for arrow in drawing.arrows if arrow.source in keys]
    last = [box.key for box in boxes if box.is_last]
    where = placed({key: _size(box) for key, box in keys.items()}, [(a.source, a.to) for a in arrows], last, _GAP)
    inner = _MARGIN * bool(frame)
    start = Point(_MARGIN + inner, top + inner * 1.5)
    lines = [_arrow(way, start, arrow.word) for way, arrow in zip(where.ways, arrows, strict=True)]
    lines += [line for key, box in keys.items() for line in _box(box, where.corners[key], start)]
    size = Size(where.size.width + 2 * inner, where.size.height + inner * 2.5)
    return [*_around(frame, Point(_MARGIN, top), size), *lines], size


def _around(frame: str, at: Point, size: Size) -> Iterator[str]:
    if frame:
        yield (
            f'<rect class="frame" x="{at.x:.1f}" y="{at.y:.1f}" '
            f'width="{size.width:.1f}" height="{size.height:.1f}" rx="8"/>'
        )
        yield f'<text class="name" x="{at.x + 12:.1f}" y="{at.y + 20:.1f}">{_safe(_cut(frame))}</text>'


def _size(box: Box) -> Size:
    longest = max(inert.columns(_cut(line)) for line in _lines(box))
    return Size(longest * _LETTER + 2 * _PADDING, len(_lines(box)) * _LINE + 2 * _PADDING - 4)


def _lines(box: Box) -> list[str]:
    return [box.name, box.kind, *box.details]


def _box(box: Box, corner: Point, start: Point) -> Iterator[str]:
    x, y, size = start.x + corner.x, start.y + corner.y, _size(box)
    kind = "missing" if MISSING in box.details else box.kind.partition(" ")[0]
    yield f"<g><title>{_safe(': '.join([box.kind, box.name]))}{''.join(map(_safe, _more(box)))}</title>"
    yield (
        f'<rect class="box {kind}" x="{x:.1f}" y="{y:.1f}" width="{size.width:.1f}" height="{size.height:.1f}" rx="6"/>'
    )
    for number, line in enumerate(_lines(box)):
        look = "detail" if number else "name"
        yield (
            f'<text class="{look}" x="{x + _PADDING:.1f}" y="{y + _PADDING + 9 + number * _LINE:.1f}">'
            f"{_safe(_cut(line))}</text>"
        )
    yield "</g>"


def _more(box: Box) -> list[str]:
    return [f", {detail}" for detail in box.details]


def _arrow(way: Sequence[Point], start: Point, word: str) -> str:
    """A line through the points: straight within a column, bent between two."""
    points = [Point(start.x + point.x, start.y + point.y) for point in way]
    path = [f"M{points[0].x:.1f} {points[0].y:.1f}"]
    for a, b in itertools.pairwise(points):
        middle = (a.x + b.x) / 2
        path.append(f"L{b.x:.1f} {b.y:.1f}" if a.y == b.y else
                    f"C{middle:.1f} {a.y:.1f} {middle:.1f} {b.y:.1f} {b.x:.1f} {b.y:.1f}")  # fmt: skip
    return (
        f'<path class="arrow{_LINES.get(word, "")}" d="{" ".join(path)}" marker-end="url(#head)">'
        f"<title>{_safe(word)}</title></path>"
    )


def _legend(drawing: Drawing, top: float) -> Iterator[str]:
    """What each kind of line means, for those that are there."""
    for number, word in enumerate(dict.fromkeys(arrow.word for arrow in drawing.arrows)):
        y = top + number * 18
        yield f'<path class="arrow{_LINES.get(word, "")}" d="M{_MARGIN} {y:.1f} h40" marker-end="url(#head)"/>'
        yield f'<text class="word" x="{_MARGIN + 50}" y="{y + 4:.1f}">{_safe(word)}</text>'


def _cut(text: str) -> str:
    return inert.shortened(inert.line(text), LONGEST)


def _safe(text: str) -> str:
    return escape(inert.line(text))
