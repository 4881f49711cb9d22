"""What waiting for readiness came to, for people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from mlgitops.manifest import Identity
from mlgitops.plan.health import Health
from mlgitops.plan.waited import Readiness, Waited
from mlgitops.report import inert
from mlgitops.report.plan.rows import object_name
from mlgitops.report.style import Style
from mlgitops.targets import Event

_LONGEST = 600
"""Characters of a reason or an Event's message that are shown."""


def text(waited: Sequence[Waited], style: Style) -> str:
    """What did not become ready, with its reason and the last Events; then how many did. Empty for nothing."""
    if not waited:
        return ""
    blocks = ["\n".join(_object(one, style)) for one in waited if one.readiness is not Readiness.READY]
    return "\n".join([*blocks, _totals(waited, style)]) + "\n"


def progress_line(target: str, one: Identity, health: Health) -> str:
    """One line for a log: what an object is now."""
    reason = f": {_short(health.reason)}" if health.reason else ""
    return f"{health.state:<11}  {inert.line(object_name(one))} at {inert.line(target)}{reason}"


def _object(one: Waited, style: Style) -> Iterator[str]:
    colour = style.yellow if one.succeeded else style.red
    place = style.dim(f"{inert.line(one.owner)} at {inert.line(one.target)}")
    yield f"  {colour(one.readiness)}  {object_name(one.identity)} {place}"
    yield f"    {_short(one.health.reason) or one.health.state}"
    yield from (f"    {_event(event)}" for event in one.events)


def _event(event: Event) -> str:
    times = f" (x{event.count})" if event.count > 1 else ""
    seen = f"{inert.line(event.last_seen)}  " if event.last_seen else ""
    said = f"{inert.line(event.type)}  {inert.line(event.object)}: {inert.line(event.reason)}: {_short(event.message)}"
    return f"{seen}{said}{times}"


def _totals(waited: Sequence[Waited], style: Style) -> str:
    counts = Counter(one.readiness for one in waited)
    said = ", ".join(f"{counts[readiness]:,} {readiness}" for readiness in Readiness if counts[readiness])
    good = all(one.succeeded for one in waited)
    word = style.green("Ready") if good else style.red("Not all ready")
    return f"{style.bold(word)} after {max(one.seconds for one in waited):.0f} s: {said}."


def _short(said: str) -> str:
    return inert.shortened(inert.line(said), _LONGEST)
