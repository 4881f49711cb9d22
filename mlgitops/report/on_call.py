"""How a whole project stands, on one screen for a person on call, and as JSON. Pure; the present time is passed in.

Each problem has a line that says what is wrong, since when and where, and one to paste into a shell; the reason gets
what is left of the screen.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgitops.plan.problem import OnCall, Problem, Watched, Well
from mlgitops.report import inert
from mlgitops.report.age import age
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""

LINES = 24
"""Of the smallest screen, which is not exceeded."""
MOST = 10
"""Problems that are listed; of the others it is said how many there are."""
_AROUND = 4
"""Lines that are about no single problem."""
_MODELS = 3
"""Models of one problem that are named."""
_NARROWEST = 24
"""Columns for the reason, however little is left."""
_LONGEST_PLACE = 34
_LONGEST_REASON = 2000
_INDENT = "    "


def text(found: OnCall, style: Style, now: str, columns: int, *, verbose: bool = False) -> str:
    """The screen, ``columns`` wide. ``verbose`` lists everything, also what is well, whatever room it takes."""
    shown = found.problems if verbose else found.problems[:MOST]
    room = LINES if verbose else max(2, (LINES - _AROUND) // max(1, len(shown)))
    lines = [*_head(found, style, now), *_problems(shown, style, now, columns, room)]
    if hidden := found.problems[len(shown) :]:
        lines.append(f"and {len(hidden)} more ({_counted(hidden)}): mlgitops status --all --verbose")
    lines += [_totals(found), *(_listed(found, now) if verbose else ())]
    return "\n".join(lines) + "\n"


def json(found: OnCall) -> str:
    """``formatVersion``, ``wrong``, one list of problems, and what is well."""
    watched = found.watched
    return inert.json_text({
        "formatVersion": FORMAT_VERSION,
        "wrong": found.wrong,
        "project": found.project,
        "commit": found.commit,
        "controller": {"commit": watched.commit, "since": watched.since} if watched else None,
        "problems": [_problem_data(one) for one in found.problems],
        "targets": found.targets,
        "well": [_well_data(one) for one in found.well],
    })  # fmt: skip


def _head(found: OnCall, style: Style, now: str) -> Iterator[str]:
    wrong = sum(one.wrong for one in found.problems)
    held = len(found.problems) - wrong
    said = style.red(f"{wrong} wrong") if wrong else style.green("nothing is wrong")
    more = f", {held} held back or going on" if held else ""
    yield f"{style.bold('Project ' + inert.line(found.project))}  {said}{more}"
    if found.watched is not None and found.watched.commit:
        yield style.dim(_followed(found.commit, found.watched, now))


def _followed(here: str, watched: Watched, now: str) -> str:
    since = age(watched.since, now)
    told = f"The controller follows commit {_short(watched.commit)}" + (f", for {since}" if since else "")
    return told if here == watched.commit else f"{told}; here it is {_short(here)}"


def _problems(shown: Sequence[Problem], style: Style, now: str, columns: int, room: int) -> Iterator[str]:
    rows = [(one, (one.state, age(one.since, now) or "-", _where(one))) for one in shown]
    widths = [max((inert.columns(row[place]) for _, row in rows), default=0) for place in range(3)]
    for one, cells in rows:
        state, *others = (cell + " " * (width - inert.columns(cell)) for cell, width in zip(cells, widths, strict=True))
        first = "  ".join(["", inert.line(state), *others, ""])
        colour = style.red if one.wrong else style.yellow
        begun, *more = _told(one, first, columns, room - 1)
        yield begun.replace(one.state, colour(one.state), 1)
        yield from more
        if one.help:
            yield _INDENT + style.bold(_command(one.help))


def _told(one: Problem, first: str, columns: int, room: int) -> list[str]:
    """What is wrong and why, after the columns that say where, in at most so many lines."""
    reason = inert.shortened(inert.line(one.reason), _LONGEST_REASON)
    said = ": ".join(part for part in (_named(one.what, _MODELS), reason) if part)
    wrapped = textwrap.wrap(
        said, max(columns, len(first) + _NARROWEST), initial_indent=first, subsequent_indent=_INDENT * 2,
        max_lines=room, placeholder=" …", break_on_hyphens=False,
    )  # fmt: skip
    return wrapped or [first.rstrip()]


def _named(names: Sequence[str], most: int) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return inert.line(", ".join(names[:most])) + more


def _where(one: Problem) -> str:
    targets = one.targets[0] if len(one.targets) == 1 else f"{len(one.targets)} targets" if one.targets else ""
    place = "/".join(part for part in (one.environment, targets) if part) or "project"
    return inert.shortened(inert.line(place), _LONGEST_PLACE)


def _command(help: str) -> str:
    return inert.shortened(inert.line(help), _LONGEST_REASON)


def _short(commit: str) -> str:
    known, dash, dirty = commit.partition("-")
    return inert.line(known[:10] + dash + dirty) or "none"


def _counted(problems: Sequence[Problem]) -> str:
    return ", ".join(
        f"{number} {inert.line(state)}" for state, number in Counter(one.state for one in problems).items()
    )


def _totals(found: OnCall) -> str:
    number = len(found.well)
    environments = len({one.place.environment for one in found.well})
    targets = len({one.place for one in found.well})
    if not number:
        return f"Well: nothing at {_plural(found.targets, 'target')}."
    return f"Well: {_plural(number, 'model or pipeline', 'models and pipelines')} at {targets} of " + (
        f"{_plural(found.targets, 'target')}, in {_plural(environments, 'environment')}."
    )


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _listed(found: OnCall, now: str) -> Iterator[str]:
    for one in found.well:
        owner, release = inert.line(one.owner.removeprefix("Model/")), inert.line(one.release)
        place = inert.line("/".join(one.place))
        yield f"  {place}  {' '.join(part for part in (owner, release, age(one.since, now)) if part)}"


def _problem_data(one: Problem) -> Mapping[str, Any]:
    return {
        "state": one.state,
        "wrong": one.wrong,
        "where": {"environment": one.environment, "targets": list(one.targets)},
        "what": list(one.what),
        "since": one.since,
        "reason": one.reason,
        "help": one.help,
    }


def _well_data(one: Well) -> Mapping[str, str]:
    place = {"environment": one.place.environment, "target": one.place.target}
    return {**place, "what": one.owner.removeprefix("Model/"), "release": one.release, "since": one.since}
