"""What was said about a model, line by line, for people and for machines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlgitops.plan.said import Said, TargetSaid, Voice
from mlgitops.report import inert
from mlgitops.report.style import Style
from mlgitops.targets.log_lines import NEVER, moment

FORMAT_VERSION = "1.0"
CONTROLLER = "controller"
"""How the place is called that is no target."""
_VOICE = max(map(len, Voice))
_NO_TIME = "-".ljust(len("2026-01-01T00:00:00.000Z"))


def lines(said: TargetSaid, style: Style, *, several: bool) -> Iterator[str]:
    """A line for each that was said: when, at which target where there are ``several``, who, and what."""
    place = f"{inert.line(said.target) or CONTROLLER}  " if several else ""
    for one in said.lines:
        who = f"{one.voice:<{_VOICE}}  {inert.line(one.who)}"
        text = inert.line(one.text)
        yield f"{style.dim(_time(one.at))}  {place}{_coloured(who, one, style)}  {text}".rstrip()


def troubles(said: TargetSaid, style: Style) -> Iterator[str]:
    """What could not be read, with the reason, and what was left out."""
    place = f"target {inert.line(said.target)}" if said.target else f"the {CONTROLLER}"
    if said.error:
        yield f"{style.red('error')}: {place} cannot be read: {inert.line(said.error)}"
    for one in said.missing:
        yield f"{style.red('error')}: {place}: {inert.line(one)}"
    for one in said.notes:
        yield f"note: {place}: {inert.line(one)}"


def json(name: str, environment: str, places: Sequence[TargetSaid]) -> str:
    """``formatVersion``, whether it is complete, and for each target its lines and what is missing."""
    return inert.json_text({
        "formatVersion": FORMAT_VERSION,
        "name": name,
        "environment": environment,
        "complete": all(one.complete for one in places),
        "targets": [_place(one) for one in places],
    })  # fmt: skip


def json_lines(said: TargetSaid) -> Iterator[str]:
    """A JSON object for each line that was said, and for each trouble with ``trouble`` in the place of ``text``."""
    place = {"target": said.target or None}
    for one in said.lines:
        yield inert.json_line({**place, **_line(one)})
    for trouble in filter(None, (said.error, *said.missing, *said.notes)):
        yield inert.json_line({**place, "trouble": trouble})


def _place(said: TargetSaid) -> Mapping[str, Any]:
    return {
        "target": said.target or None,
        "error": said.error or None,
        "missing": list(said.missing),
        "notes": list(said.notes),
        "lines": [_line(one) for one in said.lines],
    }


def _line(one: Said) -> Mapping[str, Any]:
    return {"time": one.at or None, "voice": one.voice.value, "who": one.who, "text": one.text}


def _time(at: str) -> str:
    """In UTC to the millisecond, wherever the node is."""
    seconds, billionths = moment(at)
    if (seconds, billionths) == NEVER:
        return _NO_TIME
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{billionths // 1_000_000:03}Z"


def _coloured(who: str, one: Said, style: Style) -> str:
    bad = one.voice is not Voice.WORKLOAD and one.text.startswith(("Warning ", "error ", "Failed", "Error", "failed"))
    return style.red(who) if bad else style.bold(who)
