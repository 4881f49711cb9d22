"""What the containers of pods said: many read at once, each failing alone. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.manifest import Manifest
from mlgitops.targets.at_once import at_once
from mlgitops.targets.kubernetes import log_pods
from mlgitops.targets.kubernetes.client import WIDTH, Client
from mlgitops.targets.kubernetes.failures import ApiError, ForbiddenError
from mlgitops.targets.log_lines import lines_of, mark_after, moment, second_of, unread
from mlgitops.targets.logs import (
    MOST_BYTES,
    MOST_CONTAINERS,
    MOST_LINES,
    Heard,
    LogLine,
    Mark,
    Marks,
    Output,
    Stream,
    Unheard,
)

SECONDS = 10.0
"""For what one container said. The API waits for the node, which may be gone."""
_NARROWER = 10
"""By what the tail is divided where its lines are too long together, since it is the end of it that counts."""
_GONE = frozenset({404, 410})
_NOT_THERE = frozenset({400, *_GONE})
"""What the API answers of a start before the last one that the node has removed."""


def heard_of(client: Client, pods: Iterable[Manifest], since: str, tail: int, marks: Marks) -> Heard:
    """What the containers of these pods said since their marks, and how the pods stand; the newest pods first."""
    newest = sorted(pods, key=lambda pod: pod["metadata"].get("creationTimestamp") or "", reverse=True)
    found = [(stream, before, over) for pod in newest for stream, before, over in log_pods.streams(pod)]
    asked = [one for one in found if not marks.marks.get(one[0], Mark()).ended]
    read = partial(_read, client, since=since, tail=tail, marks=marks)
    answers = at_once(read, asked[:MOST_CONTAINERS], WIDTH)
    beyond = len(asked) - MOST_CONTAINERS
    return Heard(
        outputs=tuple(one for one in answers if isinstance(one, Output)),
        states=tuple(state for pod in newest for state in log_pods.states(pod)),
        unheard=tuple(one for one in answers if isinstance(one, Unheard)),
        left_out=(f"{beyond} more containers, of older pods, are left out",) if beyond > 0 else (),
        present=frozenset(stream for stream, _, _ in found),
    )


def together(unheard: Collection[Unheard]) -> tuple[Unheard, ...]:
    """The same with the containers that may not be read, for want of one right, as one."""
    forbidden = [one for one in unheard if one.forbidden and one.what.startswith("container ")]
    if len(forbidden) < 2:
        return tuple(unheard)
    first = forbidden[0]
    what = f"{len(forbidden)} containers, such as {first.what.removeprefix('container ')}"
    rest = (one for one in unheard if one not in forbidden)
    return Unheard(what, first.reason, first.help, True), *rest


def _read(
    client: Client, asked: tuple[Stream, bool, bool], *, since: str, tail: int, marks: Marks
) -> Output | Unheard | None:
    stream, before, over = asked
    mark = marks.marks.get(stream)
    try:
        lines, cut = _lines(client, stream, before, since, tail, mark)
    except (TargetError, NotAuthorisedError) as error:
        if isinstance(error, ApiError) and error.status in (_NOT_THERE if before else _GONE):
            return None
        what = f"container {stream.container} of pod {stream.pod}"
        return Unheard(what, error.message, error.help, isinstance(error, ForbiddenError))
    return Output(stream, tuple(lines), mark_after(lines, mark or Mark(), ended=over), cut)


def _lines(
    client: Client, stream: Stream, before: bool, since: str, tail: int, mark: Mark | None
) -> tuple[list[LogLine], bool]:
    """The new lines of a stream, and whether there were more."""
    start = mark.at if mark and mark.at else since
    most = MOST_LINES if mark else tail
    query = {"container": stream.container, "timestamps": "true", "limitBytes": str(MOST_BYTES)}
    query |= {"sinceTime": second_of(start)} if start else {}
    query |= {"previous": "true"} if before else {}
    path = f"/api/v1/namespaces/{stream.namespace}/pods/{stream.pod}/log"

    def read(tail: int) -> bytes:
        return client.text(path, {**query, "tailLines": str(tail)}, most=MOST_BYTES, seconds=SECONDS)

    body = read(most)
    cut = len(body) >= MOST_BYTES
    if cut and most > _NARROWER:
        body = read(most // _NARROWER)
    lines = [line for line in lines_of(body) if not start or moment(line.at) >= moment(start)]
    return unread(lines, mark or Mark())[-most:], cut or (mark is not None and len(lines) >= MOST_LINES)
