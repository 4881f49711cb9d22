"""What runs where: one screen for a person on call, and JSON. Pure; the present time is passed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgitops.plan.health import Health, State
from mlgitops.plan.status import EnvironmentStatus, Running, TargetStatus, in_order
from mlgitops.report import inert
from mlgitops.report.age import age
from mlgitops.report.plan.rows import object_name
from mlgitops.report.style import Style

FORMAT_VERSION = "1.1"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""

HEADINGS = ("HEALTH", "WHAT", "TARGET", "RELEASE", "DIGEST", "SINCE", "COMMIT", "GIT")
_SHORT_DIGEST = 12
_SHORT_COMMIT = 10
_LONGEST_REASON = 400


def text(environments: Sequence[EnvironmentStatus], style: Style, now: str) -> str:
    """A table for each environment, what is not well first, with its reasons beneath."""
    blocks = ["\n".join(_environment(one, style, now)) for one in environments]
    return "\n\n".join(blocks) + "\n"


def json(environments: Sequence[EnvironmentStatus]) -> str:
    """``formatVersion``, ``failing``, and for each environment and target every model and pipeline."""
    return inert.json_text({
        "formatVersion": FORMAT_VERSION,
        "failing": any(one.failing for one in environments),
        "environments": [
            {"environment": one.environment, "targets": [_target_data(target) for target in one.targets]}
            for one in environments
        ],
    })  # fmt: skip


def _environment(status: EnvironmentStatus, style: Style, now: str) -> Iterator[str]:
    rows = in_order((target, one) for target in status.targets for one in target.running)
    yield f"{style.bold('Environment ' + inert.line(status.environment))}  {_totals(status)}"
    for target in (target for target in status.targets if target.error):
        yield f"  {style.red('cannot be read')}  target {inert.line(target.target)}: {inert.line(target.error)}"
    if rows:
        yield from _table(rows, style, now)


def _totals(status: EnvironmentStatus) -> str:
    states = Counter(_state(one, target) for target, one in in_order((t, r) for t in status.targets for r in t.running))
    none = "not known" if any(target.error for target in status.targets) else "nothing runs"
    return ", ".join(f"{number} {state}" for state, number in states.items()) or none


def _state(one: Running, target: TargetStatus) -> str:
    """The state as a word. Of files it is only known that they are written."""
    if not one.applied:
        return "not applied"
    return "rendered" if target.rendered else one.health.state.value


def _table(rows: Sequence[tuple[TargetStatus, Running]], style: Style, now: str) -> Iterator[str]:
    table = [HEADINGS, *(_cells(row, target, now) for target, row in rows)]
    widths = [max(inert.columns(line[column]) for line in table) for column in range(len(HEADINGS))]
    yield style.dim(_line(HEADINGS, widths))
    for (_, row), cells in zip(rows, table[1:], strict=True):
        yield _coloured(_line(cells, widths), cells[0], style)
        yield from _reasons(row, style)


def _cells(row: Running, target: TargetStatus, now: str) -> tuple[str, ...]:
    asked = [word for word, so in (("drift", row.drifted), ("pending", row.pending)) if so]
    return (
        _state(row, target),
        inert.line(row.owner.removeprefix("Model/")),
        inert.line(target.target),
        _release(row) or "-",
        inert.line(row.digest.removeprefix("sha256:")[:_SHORT_DIGEST]) or "-",
        age(row.health.since, now) or "-",
        _commit(row.commit) or "-",
        ", ".join(asked) or "as Git says",
    )


def _release(row: Running) -> str:
    shared = ", ".join(f"{share.release} {share.percent}%" for share in row.shares)
    return inert.line(shared or row.release)


def _commit(commit: str) -> str:
    known, dash, dirty = commit.partition("-")
    return inert.line(known[:_SHORT_COMMIT] + dash + dirty)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - inert.columns(cell)) for cell, width in zip(cells, widths, strict=True))
    return f"  {'  '.join(padded)}".rstrip()


def _coloured(line: str, state: str, style: Style) -> str:
    colour = {"failed": style.red, "progressing": style.yellow, "suspended": style.yellow, "ready": style.green}
    return line.replace(state, colour.get(state, style.dim)(state), 1)


def _reasons(row: Running, style: Style) -> Iterator[str]:
    """Why it is not ready, object by object; a note where it is ready and has one."""
    for one in row.objects:
        if one.health.reason:
            yield f"    {inert.line(object_name(one.identity))}: {_reason(one.health)}"
    if row.health.state is State.READY and row.health.reason:
        yield f"    {style.dim(_reason(row.health))}"


def _reason(health: Health) -> str:
    return inert.shortened(inert.line(health.reason), _LONGEST_REASON)


def _target_data(target: TargetStatus) -> Mapping[str, Any]:
    return {
        "target": target.target,
        "rendered": target.rendered,
        "appliedAt": target.applied_at,
        "commit": target.commit,
        "error": target.error,
        "running": [_data(one) for _, one in in_order((target, one) for one in target.running)],
    }


def _data(one: Running) -> Mapping[str, Any]:
    return {
        "owner": one.owner,
        "applied": one.applied,
        "release": one.release,
        "releaseDigest": one.digest,
        "shares": [{"release": share.release, "percent": share.percent} for share in one.shares],
        "commit": one.commit,
        "health": _health(one.health),
        "drifted": one.drifted,
        "pending": one.pending,
        "objects": [{"object": each.identity._asdict(), "health": _health(each.health)} for each in one.objects],
    }


def _health(health: Health) -> Mapping[str, str]:
    return {"state": health.state.value, "reason": health.reason, "since": health.since}
