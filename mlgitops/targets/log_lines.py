"""Lines of a log as a cluster gives them, each with its time before it, and which of them are new. Pure.

The time is ``2006-01-02T15:04:05.000000000Z07:00``, in the node's own time zone (``timeFormatOut`` in
``pkg/kubelet/kuberuntime/logs/logs.go`` of Kubernetes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from mlgitops.targets.logs import LogLine, Mark

_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?(.*)", re.DOTALL)
Moment = tuple[int, int]
"""Seconds since the epoch, and billionths of a second."""
NEVER: Moment = (-1, 0)


def moment(time: str) -> Moment:
    """A time, RFC 3339, as something to sort by; ``NEVER`` where it is none."""
    found = _STAMPED.fullmatch(time)
    try:
        seconds = int(datetime.fromisoformat(time).timestamp()) if found else -1
    except (ValueError, OverflowError):
        return NEVER
    return (seconds, int((found[2] or ".")[1:].ljust(9, "0"))) if found and seconds >= 0 else NEVER


def lines_of(body: bytes) -> list[LogLine]:
    """The lines. One without a time, such as the node's own, has that of the line before; bytes are kept visible."""
    lines: list[LogLine] = []
    for line in body.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n") if body else ():
        stamped = _STAMPED.fullmatch(line)
        if stamped is not None and moment(stamped[1]) != NEVER:
            lines.append(LogLine(stamped[1], stamped[3]))
        else:
            lines.append(LogLine(lines[-1].at if lines else "", line))
    return lines


def unread(lines: Iterable[LogLine], mark: Mark) -> list[LogLine]:
    """The lines that are later than a mark, which was made among lines that began with the mark's own second."""
    last, same = moment(mark.at), mark.lines
    found = []
    for line in lines:
        at = moment(line.at)
        if at == last and same > 0:
            same -= 1
        elif at >= last:
            found.append(line)
    return found


def mark_after(lines: Sequence[LogLine], mark: Mark, *, ended: bool) -> Mark:
    """The mark after these lines, which come after ``mark``."""
    if not lines:
        return mark._replace(ended=ended)
    last = lines[-1].at
    same = sum(moment(line.at) == moment(last) for line in lines)
    return Mark(last, same + (mark.lines if moment(mark.at) == moment(last) else 0), ended)


def second_of(time: str) -> str:
    """The whole second of a time, in UTC, as the API takes it: it counts no fractions."""
    from datetime import UTC

    return f"{datetime.fromtimestamp(moment(time)[0], UTC):%Y-%m-%dT%H:%M:%SZ}"
