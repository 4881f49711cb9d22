"""What was said at a target, line by line in order of time, without secrets and within bounds. Pure.

Three voices: the ``workload``, which is the model's pods; the ``reconciler``, which is Kubernetes, its controllers and
mlgitops; and ``run``, which is runs of pipelines and schedules, and their pods.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mlgitops.manifest import Manifest
from mlgitops.plan.health import health
from mlgitops.plan.health.runs import end_of
from mlgitops.plan.run import FAILED, state_of
from mlgitops.spec.secrets import MASK, mask
from mlgitops.targets.events import Event
from mlgitops.targets.log_lines import moment
from mlgitops.targets.logs import Heard, Output

LONGEST = 4096
"""Characters of a line that are kept; a line is cut in its middle."""
MOST_SAID = 10_000
"""The last lines that are kept of a target at one look."""
_WINDOW = 32 * 1024  # characters
_ENCODED = re.compile(r"\s*[A-Za-z0-9+/]{60,}={0,2}\s*")
"""A line of a key or a certificate, which may begin within one."""
_KEY_BEGINS, _KEY_ENDS, _KEY = "-----BEGIN ", "-----END ", "PRIVATE KEY"


class Voice(StrEnum):
    """Who speaks."""

    WORKLOAD = "workload"
    RECONCILER = "reconciler"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Said:
    """One line. ``at`` is RFC 3339 or empty, ``who`` is ``POD/CONTAINER`` or ``KIND/NAME``."""

    at: str
    voice: Voice
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class TargetSaid:
    """What was said at a target; ``missing`` is what was not read and why, ``forbidden`` whether a right lacked.

    ``error`` says why nothing could be read; ``notes`` what was left out to keep within bounds.
    """

    target: str
    lines: tuple[Said, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    forbidden: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything could be read."""
        return not (self.error or self.missing)


def said_at(target: str, heard: Heard, standing: Iterable[Said], since: str = "") -> TargetSaid:
    """The lines of a look, by time: what containers said, and of ``standing`` what is not known yet."""
    lines = [*_of_streams(heard.outputs), *standing]
    ordered = _in_order([line for line in lines if not since or not line.at or moment(line.at) >= moment(since)])
    return TargetSaid(
        target,
        tuple(map(_within, ordered[-MOST_SAID:])),
        tuple(_why(one.what, one.reason, one.help) for one in heard.unheard),
        (*_cut_notes(heard), *_bound_notes(len(ordered))),
        forbidden=any(one.forbidden for one in heard.unheard),
    )


def standing_of(heard: Heard) -> tuple[Said, ...]:
    """What is there at every look until it goes: Events, how pods stand, and how runs stand."""
    return (*map(_of_event, (*heard.events, *heard.states)), *_of_runs(heard.runs))


def masked_lines(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a log without what looks like a secret, the lines of a private key as a whole."""
    inside = False
    for line in lines:
        begins = _KEY_BEGINS in line and _KEY in line
        yield MASK if (inside and not begins) or _ENCODED.fullmatch(line) else masked(line)
        inside = (inside or begins) and _KEY_ENDS not in line


def masked(line: str) -> str:
    """A line without what looks like a secret. Of a very long one only the beginning and the end are looked at."""
    if len(line) > 2 * _WINDOW:
        line = f"{line[:_WINDOW]} … {line[-_WINDOW:]}"
    return mask(line)


def _of_streams(outputs: Iterable[Output]) -> Iterator[Said]:
    for output in outputs:
        stream = output.stream
        voice = Voice.RUN if stream.run else Voice.WORKLOAD
        texts = masked_lines(line.text for line in output.lines)
        for line, text in zip(output.lines, texts, strict=True):
            yield Said(line.at, voice, f"{stream.pod}/{stream.container}", text)


def _of_event(event: Event) -> Said:
    times = f" ({event.count} times)" if event.count > 1 else ""
    urgent = f"{event.type} " if event.type != "Normal" else ""
    return Said(
        event.last_seen, Voice.RECONCILER, event.object, f"{urgent}{event.reason}: {masked(event.message)}{times}"
    )


def _of_runs(runs: Iterable[Manifest]) -> Iterator[Said]:
    for run in runs:
        yield from _of_workflow(run) if run["kind"] == "Workflow" else (_of_job(run),)


def _of_workflow(run: Manifest) -> Iterator[Said]:
    """How a run stands, and its steps that failed."""
    state = state_of(run)
    who = f"Workflow/{state.name}"
    for step in state.steps:
        if step.phase in FAILED:
            yield Said(
                state.finished or state.started, Voice.RUN, who, _stands(f"step {step.name} {step.phase}", step.message)
            )
    at = state.finished or state.started or run["metadata"].get("creationTimestamp", "")
    yield Said(at, Voice.RUN, who, _stands(state.phase or "Argo has not taken it up", state.message))


def _of_job(run: Manifest) -> Said:
    found, metadata = health(run), run["metadata"]
    end = end_of(run)
    at = found.since or metadata.get("creationTimestamp", "")
    return Said(
        at,
        Voice.RUN,
        f"{run['kind']}/{metadata['name']}",
        _stands(end.value if end else found.state.value, found.reason),
    )


def _stands(phase: str, why: str) -> str:
    return f"{phase}: {masked(why)}" if why else phase


def _in_order(lines: Sequence[Said]) -> list[Said]:
    """By time. A line without one stays behind the line that it came after."""
    keyed, last = [], moment("")
    for line in lines:
        last = moment(line.at) if line.at else last
        keyed.append((last, line))
    return [line for _, line in sorted(keyed, key=lambda pair: pair[0])]


def _within(line: Said) -> Said:
    if len(line.text) <= LONGEST:
        return line
    half = LONGEST // 2
    return Said(line.at, line.voice, line.who, f"{line.text[:half]} … {line.text[-half:]}")


def _cut_notes(heard: Heard) -> Iterator[str]:
    for output in heard.outputs:
        if output.cut:
            yield f"{output.stream.pod}/{output.stream.container} said more than is read at once; some is left out"
    yield from heard.left_out


def _bound_notes(lines: int) -> Iterator[str]:
    if lines > MOST_SAID:
        yield f"{lines - MOST_SAID} earlier lines are left out"


def _why(what: str, reason: str, help: str) -> str:
    return f"{what}: {reason}" + (f". {help}" if help else "")
