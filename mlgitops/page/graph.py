"""The way of a release as a picture: environments as boxes, promotions as arrows, each box with its totals. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mlgitops.page.element import Html, element
from mlgitops.page.model import Stage, slug
from mlgitops.plan.health import State
from mlgitops.report import inert

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 240, 76, 70, 24, 4
_LONGEST_NAME = 22
_LONGEST_WORDS = 30


def graph(stages: Sequence[Stage]) -> Html:
    """An SVG with a text beside it that says the same; nothing where there is no environment."""
    columns = _columns(stages)
    spots = {name: (x, y) for x, names in enumerate(columns) for y, name in enumerate(names)}
    width = len(columns) * (WIDTH + GAP_X) - GAP_X + 2 * EDGE
    height = max((len(names) for names in columns), default=0) * (HEIGHT + GAP_Y) - GAP_Y + 2 * EDGE
    arrows = [_arrow(spots[one], spots[stage.name]) for stage in stages for one in stage.sources if one in spots]
    return element(
        "svg", _head(), *arrows, *(_box(stage, spots[stage.name]) for stage in stages),
        class_="graph", width=width, height=height, viewBox=f"0 0 {width} {height}", role="group",
        aria_label=_told(stages),
    )  # fmt: skip


def _columns(stages: Sequence[Stage]) -> list[list[str]]:
    """The environments by how many promotions they are from the first; a circle ends where it began."""
    depth: dict[str, int] = {}
    for stage in stages:
        depth[stage.name] = 1 + max((depth.get(one, -1) for one in stage.sources), default=-1)
    found: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name, place in depth.items():
        found[place].append(name)
    return found


def _told(stages: Sequence[Stage]) -> str:
    ways = [f"{one} to {stage.name}" for stage in stages for one in stage.sources]
    return "Releases are promoted from " + ", from ".join(ways) if ways else "Environments without promotions"


def _head() -> Html:
    tip = element("path", d="M0 0 L8 4 L0 8 z", class_="tip")
    return element("defs", element(
        "marker", tip, id="tip", markerWidth=8, markerHeight=8, refX=7, refY=4, orient="auto",
    ))  # fmt: skip


def _corner(spot: tuple[int, int]) -> tuple[int, int]:
    return spot[0] * (WIDTH + GAP_X) + EDGE, spot[1] * (HEIGHT + GAP_Y) + EDGE


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> Html:
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    x1, y1, y2, bend = x1 + WIDTH, y1 + HEIGHT // 2, y2 + HEIGHT // 2, GAP_X // 2
    return element(
        "path", d=f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 2} {y2}", class_="arrow", marker_end="url(#tip)"
    )


def _box(stage: Stage, spot: tuple[int, int]) -> Html:
    x, y = _corner(spot)
    name = inert.shortened(inert.line(stage.name), _LONGEST_NAME)
    words = totals(stage)
    return element("a",
        element("title", f"{stage.name}: {words}"),
        element("rect", x=x, y=y, width=WIDTH, height=HEIGHT, rx=8, class_=f"box {_worst(stage)}"),
        element("text", name, x=x + 14, y=y + 30, class_="name"),
        element("text", _beginning(words), x=x + 14, y=y + 54, class_="words"),
        href=f"plans/{slug(stage.name)}.html", aria_label=f"{stage.name}: {words}. Its plan",
    )  # fmt: skip


def totals(stage: Stage) -> str:
    """What runs in an environment, in words: ``12 ready, 1 failed``."""
    if stage.error:
        return "cannot be rendered"
    counted = _states(stage)
    unread = sum(1 for target in stage.targets if target.error)
    told = [f"{counted[word]} {word}" for word in (*WORDS, "not applied") if counted[word]]
    return ", ".join([*([f"{unread} unread"] if unread else []), *told]) or "nothing runs"


def _beginning(words: str) -> str:
    """As many of the parts as fit, the gravest first."""
    shown = ""
    for part in words.split(", "):
        longer = f"{shown}, {part}" if shown else part
        if len(longer) > _LONGEST_WORDS:
            return f"{shown}, …"
        shown = longer
    return shown


WORDS = ("failed", "progressing", "suspended", "unknown", "ready", "rendered")


def _states(stage: Stage) -> Counter[str]:
    targets = stage.targets
    return Counter(
        "not applied" if not one.applied else "rendered" if target.rendered else one.health.state.value
        for target in targets for one in target.running
    )  # fmt: skip


def _worst(stage: Stage) -> str:
    counted = _states(stage)
    if stage.error or counted[State.FAILED.value] or any(t.error for t in stage.targets):
        return "failed"
    return next((word for word in ("progressing", "suspended", "ready") if counted[word]), "unknown")
