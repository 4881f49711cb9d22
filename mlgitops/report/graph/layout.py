"""Where boxes stand and arrows run: columns from left to right, in the way of Sugiyama, Tagawa and Toda (1981). Pure.

Every arrow goes from a column to one further right, except those that close a circle, which go back. An arrow over
several columns keeps a place free in each between, so that it crosses no box.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

SWEEPS = 4
"""How often the columns are put in order, there and back; more changes little."""
Ways = Mapping[str, Sequence[str]]


class Size(NamedTuple):
    """Width and height, in pixels."""

    width: float
    height: float


class Point(NamedTuple):
    """A place, in pixels from the left and from the top."""

    x: float
    y: float


@dataclass(frozen=True)
class Placed:
    """``corners`` has the upper left corner of each box, ``ways`` the points that each arrow runs through in turn."""

    size: Size
    corners: dict[str, Point]
    ways: list[list[Point]]


@dataclass
class _Grid:
    """Columns of keys, and for each arrow the keys that it leads through; those of free places begin with a space."""

    columns: list[list[str]]
    chains: list[list[str]]
    sizes: dict[str, Size] = field(default_factory=dict)


def placed(sizes: Mapping[str, Size], arrows: Sequence[tuple[str, str]], last: Iterable[str], gap: Size) -> Placed:
    """Places for boxes of these sizes, always the same ones; ``last`` are put in the last column."""
    forwards = _without_circles(sizes, arrows)
    grid = _grid(sizes, arrows, _ranks(sizes, forwards, set(last)))
    for _ in range(SWEEPS):
        _sweep(grid.columns, grid.chains)
    return _coordinates(grid, gap)


def _without_circles(keys: Iterable[str], arrows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The arrows, with those turned round that lead back to a box that they come from."""
    following: dict[str, list[str]] = {}
    for source, to in arrows:
        following.setdefault(source, []).append(to)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for key in keys:
        _walk(key, following, done, back)
    return [(to, source) if (source, to) in back else (source, to) for source, to in arrows if source != to]


def _walk(start: str, following: Ways, done: set[str], back: set[tuple[str, str]]) -> None:
    """Goes depth first from a box, without recursion, and collects the arrows to boxes that are still open."""
    waiting, open_ = [(start, iter(following.get(start, ())))] if start not in done else [], {start}
    while waiting:
        key, rest = waiting[-1]
        to = next(rest, None)
        if to is None:
            waiting.pop()
            open_.discard(key)
            done.add(key)
        elif to in open_:
            back.add((key, to))
        elif to not in done:
            open_.add(to)
            waiting.append((to, iter(following.get(to, ()))))


def _ranks(keys: Iterable[str], arrows: Sequence[tuple[str, str]], last: set[str]) -> dict[str, int]:
    """The column of each box: one behind the last of those that lead to it."""
    following: dict[str, list[str]] = {}
    waits = dict.fromkeys(keys, 0)
    for source, to in arrows:
        following.setdefault(source, []).append(to)
        waits[to] += 1
    ranks = dict.fromkeys(waits, 0)
    ready = [key for key, number in waits.items() if not number]
    while ready:
        key = ready.pop()
        for to in following.get(key, ()):
            ranks[to] = max(ranks[to], ranks[key] + 1)
            waits[to] -= 1
            ready += [] if waits[to] else [to]
    end = max(ranks.values(), default=0)
    return {key: end if key in last else rank for key, rank in ranks.items()}


def _grid(sizes: Mapping[str, Size], arrows: Sequence[tuple[str, str]], ranks: Mapping[str, int]) -> _Grid:
    columns: list[list[str]] = [[] for _ in range(max(ranks.values(), default=0) + 1)]
    for key in sizes:
        columns[ranks[key]].append(key)
    grid = _Grid(columns, [], dict(sizes))
    for number, (source, to) in enumerate(arrows):
        step = 1 if ranks[to] >= ranks[source] else -1
        between = range(ranks[source] + step, ranks[to], step)
        free = {rank: f" {number} {rank}" for rank in between}
        for rank, key in free.items():
            columns[rank].append(key)
            grid.sizes[key] = Size(0, 0)
        grid.chains.append([source, *free.values(), to])
    return grid


def _sweep(columns: list[list[str]], chains: Sequence[Sequence[str]]) -> None:
    """Puts every column in the order of the neighbours on its left, then of those on its right."""
    rank = {key: number for number, column in enumerate(columns) for key in column}
    left: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for chain in chains:
        for a, b in itertools.pairwise(chain):
            first, second = (a, b) if rank[a] < rank[b] else (b, a)
            left.setdefault(second, []).append(first)
            right.setdefault(first, []).append(second)
    for neighbours, numbers in ((left, range(1, len(columns))), (right, range(len(columns) - 2, -1, -1))):
        for number in numbers:
            beside = columns[number - 1 if neighbours is left else number + 1]
            _put_in_order(columns[number], beside, neighbours)


def _put_in_order(column: list[str], beside: Sequence[str], neighbours: Ways) -> None:
    """Sorts by the middle of the neighbours' places, as a part of the column; what has none stays about there."""
    places = {key: (index + 0.5) / len(beside) for index, key in enumerate(beside)}
    own = {key: (index + 0.5) / len(column) for index, key in enumerate(column)}

    def middle(key: str) -> float:
        found = [places[one] for one in neighbours.get(key, ()) if one in places]
        return sum(found) / len(found) if found else own[key]

    column.sort(key=middle)


def _coordinates(grid: _Grid, gap: Size) -> Placed:
    widths = [max((grid.sizes[key].width for key in column), default=0.0) for column in grid.columns]
    heights = [sum(grid.sizes[key].height + gap.height for key in column) - gap.height for column in grid.columns]
    height = max(heights, default=0.0)
    corners: dict[str, Point] = {}
    x = 0.0
    for column, width, own in zip(grid.columns, widths, heights, strict=True):
        y = (height - own) / 2
        for key in column:
            corners[key] = Point(x + (width - grid.sizes[key].width) / 2 * bool(grid.sizes[key].width), y)
            y += grid.sizes[key].height + gap.height
        x += width + gap.width
    rank = {key: number for number, column in enumerate(grid.columns) for key in column}
    ways = [_way(chain, corners, grid.sizes, widths, rank) for chain in grid.chains]
    boxes = {key: corner for key, corner in corners.items() if not key.startswith(" ")}
    return Placed(Size(max(x - gap.width, 0.0), height), boxes, ways)


def _way(
    chain: Sequence[str], corners: Mapping[str, Point], sizes: Mapping[str, Size], widths: Sequence[float],
    rank: Mapping[str, int],
) -> list[Point]:  # fmt: skip
    """From the side of the first box, straight through each free place, to the side of the last."""
    forwards = rank[chain[0]] <= rank[chain[-1]]
    points = []
    for index, key in enumerate(chain):
        corner, size = corners[key], sizes[key]
        width = size.width or widths[rank[key]]
        sides = [Point(corner.x, corner.y + size.height / 2), Point(corner.x + width, corner.y + size.height / 2)]
        sides = sides if forwards else sides[::-1]
        points += sides[1:] if index == 0 else sides[:1] if index == len(chain) - 1 else sides
    return points
