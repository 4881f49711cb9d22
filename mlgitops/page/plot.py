"""Small plots as SVG: metrics release by release, and when releases came to environments. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from mlgitops.page.element import Html, element
from mlgitops.promotion.history import Event
from mlgitops.report import inert

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 150, 62, 18, 14, 26
LANE, LANE_LEFT, LANE_WIDTH = 44, 110, 620
Point = tuple[str, float]


def line_plot(name: str, points: Sequence[Point]) -> Html:
    """A metric by version, oldest first. Values that are no numbers of a finite size are left out."""
    kept = [(label, value) for label, value in points if math.isfinite(value)]
    low, high = min((v for _, v in kept), default=0.0), max((v for _, v in kept), default=0.0)
    spots = [(_across(index, len(kept)), _up(value, low, high)) for index, (_, value) in enumerate(kept)]
    told = f"{name}: " + ", ".join(f"{label} {value:.6g}" for label, value in kept)
    dots = [
        element("circle", element("title", f"{label}: {value:.6g}"), cx=x, cy=y, r=4, class_="dot")
        for (label, value), (x, y) in zip(kept, spots, strict=True)
    ]
    line = element("polyline", points=" ".join(f"{x},{y}" for x, y in spots), class_="line")
    return element(
        "figure", element("figcaption", name),
        element("svg", *_axes(low, high), *_ends(kept), line, *dots, width=WIDTH, height=HEIGHT,
                viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=told, class_="plot"),
    )  # fmt: skip


def _across(index: int, number: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return round(LEFT + (room / 2 if number == 1 else room * index / (number - 1)), 1)


def _up(value: float, low: float, high: float) -> float:
    room = HEIGHT - TOP - BOTTOM
    if low == high:
        return round(TOP + room / 2, 1)
    by = 1.0 if math.isfinite(high - low) else 2.0  # halves, where the whole difference is no number
    return round(TOP + room * ((high / by - value / by) / (high / by - low / by)), 1)


def _axes(low: float, high: float) -> list[Html]:
    values = [low] if low == high else [low, high]
    lines = [element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="axis") for y in _heights(low, high)]
    words = [
        element("text", f"{value:.4g}", x=LEFT - 8, y=y + 4, text_anchor="end")
        for value, y in zip(values, _heights(low, high), strict=True)
    ]
    return [*lines, *words]


def _heights(low: float, high: float) -> list[float]:
    return [_up(value, low, high) for value in ([low] if low == high else [low, high])]


def _ends(points: Sequence[Point]) -> list[Html]:
    """The first and the last version, below the plot."""
    named = [(0, "start"), (len(points) - 1, "end")] if len(points) > 1 else [(0, "middle")] if points else []
    return [
        element("text", inert.shortened(inert.line(points[index][0]), 22), x=_across(index, len(points)), y=HEIGHT - 6,
                text_anchor=anchor)
        for index, anchor in named
    ]  # fmt: skip


def timeline(events: Sequence[Event], environments: Sequence[str]) -> Html:
    """A lane for each environment, a mark for each release that came or went."""
    dated = [(one, when) for one in events if (when := _moment(one.time))]
    lanes = [name for name in environments if any(one.environment == name for one, _ in dated)]
    if not lanes:
        return element("p", "No release is in the history yet.")
    times = [when for _, when in dated]
    height, width = LANE * len(lanes) + 24, LANE_LEFT + LANE_WIDTH + 40
    marks = [
        _mark(one, LANE_LEFT + _part(when, min(times), max(times)) * LANE_WIDTH, lanes.index(one.environment))
        for one, when in dated if one.environment in lanes
    ]  # fmt: skip
    first, last = min(times), max(times)
    days = [(LANE_LEFT, first, "start"), *([(LANE_LEFT + LANE_WIDTH, last, "end")] if first != last else [])]
    words = [element("text", f"{when:%Y-%m-%d}", x=x, y=height - 4, text_anchor=side) for x, when, side in days]
    return element(
        "svg", *(_lane(name, index) for index, name in enumerate(lanes)), *marks, *words, width=width, height=height,
        viewBox=f"0 0 {width} {height}", role="img", class_="timeline",
        aria_label=f"{len(dated)} releases over time; the table below has each of them",
    )  # fmt: skip


def _part(moment: datetime, first: datetime, last: datetime) -> float:
    return 0.5 if first == last else (moment - first) / (last - first)


def _lane(name: str, index: int) -> list[Html]:
    y = LANE * index + 28
    return [
        element("line", x1=LANE_LEFT, x2=LANE_LEFT + LANE_WIDTH, y1=y, y2=y, class_="axis"),
        element("text", inert.shortened(inert.line(name), 14), x=LANE_LEFT - 14, y=y + 4, text_anchor="end"),
    ]


def _mark(event: Event, x: float, lane: int) -> Html:
    y = LANE * lane + 28
    kind = event.kind if event.kind in ("promote", "rollback", "release") else "other"
    told = f"{event.time}: {event.version or 'removed'} in {event.environment} ({event.kind or 'by hand'})"
    word = inert.shortened(inert.line(event.version or "removed"), 12)
    return element(
        "g", element("title", told), element("circle", cx=round(x, 1), cy=y, r=5, class_=f"dot {kind}"),
        element("text", word, x=round(x, 1), y=y - 11, text_anchor="middle"),
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
