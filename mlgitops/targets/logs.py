"""What is said at a target, as it comes from there: lines of containers, Events, runs. Frozen data, and the protocol.

The time of a container's line is the node's. Nothing is kept between two looks but marks, which the caller has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest
from mlgitops.targets import Event, is_rendered

TAIL = 100
"""The last lines that are read of each container where nothing else is asked for."""
MOST_LINES = 5000
"""The most lines that are read of a container at once."""
MOST_BYTES = 2**20
"""The same in bytes."""
MOST_CONTAINERS = 40
"""The most containers that are read at a target, those of the newest pods first."""
RUNS = 3
"""The last runs of each pipeline or schedule that are read."""


class Stream(NamedTuple):
    """What one container says from a start to its end; ``restart`` counts the starts. ``run`` is whose pod it is."""

    namespace: str
    pod: str
    container: str
    restart: int = 0
    run: str = ""


class LogLine(NamedTuple):
    """A line as it was said. ``at`` is RFC 3339 with up to nine digits of a second; empty where there is no time."""

    at: str
    text: str


class Mark(NamedTuple):
    """How far a stream was read: its last line's time, the lines of that very time, and whether it has ended."""

    at: str = ""
    lines: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """The lines of a stream that are new, how far it was read with them, and whether there was more than the bound."""

    stream: Stream
    lines: tuple[LogLine, ...]
    mark: Mark
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Unheard:
    """What could not be read (``what``), why, and what to do; ``forbidden`` says that it is a right that is missing."""

    what: str
    reason: str
    help: str = ""
    forbidden: bool = False


@dataclass(frozen=True)
class Wanted:
    """Whose words are wanted.

    ``manifests`` are those that Git has for the model and for the pipelines that train it; ``owners`` are these as
    labels, such as ``{"mlgitops.dev/model": ("iris",)}``, and ``place`` the labels of environment and target.
    ``since`` is RFC 3339 or empty.
    """

    manifests: tuple[Manifest, ...]
    owners: Mapping[str, tuple[str, ...]]
    place: Mapping[str, str]
    since: str = ""
    tail: int = TAIL


@dataclass(frozen=True)
class Heard:
    """What was read at one look. ``states`` says of pods and containers what no Event does: why they wait, or ended."""

    outputs: tuple[Output, ...] = ()
    states: tuple[Event, ...] = ()
    events: tuple[Event, ...] = ()
    runs: tuple[Manifest, ...] = ()
    unheard: tuple[Unheard, ...] = ()
    left_out: tuple[str, ...] = ()
    """What was left out to keep within the bounds, in words."""
    present: frozenset[Stream] | None = None
    """Every stream that there is; None where that is not known."""


@dataclass(frozen=True)
class Marks:
    """How far each stream was read."""

    marks: Mapping[Stream, Mark] = field(default_factory=dict)

    def after(self, heard: Heard) -> Marks:
        """The same after a look. What is known not to be there any more is forgotten."""
        marks = {**self.marks, **{output.stream: output.mark for output in heard.outputs}}
        present = marks.keys() if heard.present is None else heard.present
        return Marks({stream: mark for stream, mark in marks.items() if stream in present})


class LogReader(Protocol):
    """Reads at one target. Raises ``TargetError`` or ``NotAuthorisedError`` where nothing at all can be read."""

    def hear(self, wanted: Wanted, marks: Marks) -> Heard:
        """What was said since the marks; of a stream that is not marked, the last lines."""


def open_logs(connection: Mapping[str, Any], root: Path, inventory_id: str, selector: str) -> LogReader:
    """The reader at a target by its connection block. Raises ``TargetError`` where it is files.

    ``selector`` are the options by which kubectl finds the same pods, for who has to ask it instead.
    """
    if is_rendered(connection):
        raise TargetError(
            "its connection is a directory or Git, which is files and no cluster",
            help=f"Ask the cluster that they are applied to: kubectl logs {selector} --all-containers",
        )
    from mlgitops.targets.kubernetes.logs import open_cluster_logs

    return open_cluster_logs(connection["kubernetes"], root, inventory_id)
