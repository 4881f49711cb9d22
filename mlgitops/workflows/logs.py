"""What a model's workload, the reconciler and the last runs say, at many targets at once. Reads only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from typing import Protocol

from mlgitops.errors import MlgitopsError, NotAuthorisedError
from mlgitops.manifest import LABEL_ENVIRONMENT, LABEL_MODEL, LABEL_PIPELINE, LABEL_TARGET, Manifest, labels
from mlgitops.plan.asked import Asked
from mlgitops.plan.said import Said, TargetSaid, said_at, standing_of
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import owner_of
from mlgitops.targets.at_once import NOTICED
from mlgitops.targets.logs import TAIL, LogReader, Marks, Wanted, open_logs
from mlgitops.workflows.on_call import declared_controller
from mlgitops.workflows.project import Opened
from mlgitops.workflows.sites import CANNOT, WIDTH, reason

MOST_FOLLOWED = 20
"""The most targets that are followed at once, each of which is asked again every few seconds."""
PAUSE, LONGEST_PAUSE = 2.0, 5.0
"""Seconds between two looks at a target: few after something was said, then more and more."""


@dataclass(frozen=True)
class AskedLogs:
    """Of which model or pipeline, where, since when (RFC 3339, or empty), and how many lines of each container."""

    name: str
    environment: str
    targets: tuple[str, ...] = ()
    since: str = ""
    tail: int = TAIL


class Ear(Protocol):
    """Hears of one place, again and again."""

    place: str
    """The target's name; empty for the controller."""

    def hear(self) -> TargetSaid:
        """What was said since it heard last; at first, the last lines. Raises what a target raises."""


class TargetEar:
    """Hears of the model at one target."""

    def __init__(self, place: str, open_reader: Callable[[], LogReader], wanted: Wanted) -> None:
        self.place = place
        self._open = open_reader
        self._reader: LogReader | None = None
        self._wanted = wanted
        self._marks = Marks()
        self._known: frozenset[Said] = frozenset()

    def hear(self) -> TargetSaid:
        """See ``Ear``."""
        self._reader = self._reader or self._open()
        heard = self._reader.hear(self._wanted, self._marks)
        standing = standing_of(heard)
        said = said_at(self.place, heard, [one for one in standing if one not in self._known], self._wanted.since)
        self._marks, self._known = self._marks.after(heard), frozenset(standing)
        return said


def ears(opened: Opened, asked: AskedLogs) -> list[Ear]:
    """One for each target that the model is at, and one for the controller where the Project says that it is in a pod.

    Raises ``MlgitopsError`` where there is no such model or target, and ``FindingsError``.
    """
    from mlgitops.workflows.plan import rendered

    (rendering,) = rendered(opened, Asked((asked.environment,), asked.targets, (asked.name,)))
    selection = Selection.of([rendering], Asked((asked.environment,), asked.targets, (asked.name,)))
    places = [one for one in rendering.targets if selection.keeps_target(one.target)]
    found = [ear for one in places if (ear := _ear(opened.root, rendering, one, asked)) is not None]
    if not found:
        known = ", ".join(one.target for one in rendering.targets if _ear(opened.root, rendering, one, asked))
        raise MlgitopsError(f"{asked.name} is not at {', '.join(asked.targets)}", help=f"it is at: {known}")
    return [*found, *_controller_ears(opened, asked, [ear.place for ear in found])]


def _ear(root: Path, rendering: Rendering, target: TargetRendering, asked: AskedLogs) -> TargetEar | None:
    """The ear at a target; None where the model is not there."""
    model, pipelines = f"Model/{asked.name}", _pipelines(rendering, asked.name)
    ours = (one for one in target.manifests if owner_of(one) in {model, *pipelines})
    manifests = tuple(one for one in ours if one["metadata"].get("namespace"))
    if not any(owner_of(one).partition("/")[2] == asked.name for one in manifests):
        return None
    here = sorted({labels(one)[LABEL_PIPELINE] for one in manifests if LABEL_PIPELINE in labels(one)})
    owners = {LABEL_MODEL: (asked.name,), LABEL_PIPELINE: tuple(here)}
    place = {LABEL_ENVIRONMENT: rendering.environment, LABEL_TARGET: target.target}
    inventory = f"{rendering.project}/{rendering.environment}/{target.target}"
    wanted = Wanted(manifests, owners, place, asked.since, asked.tail)
    selector = f"--namespace {manifests[0]['metadata']['namespace']} --selector {_label(manifests, asked.name)}"
    return TargetEar(target.target, lambda: open_logs(target.connection, root, inventory, selector), wanted)


def _label(manifests: Sequence[Manifest], name: str) -> str:
    """The label that the pods of a model or a pipeline have, as kubectl takes it."""
    is_model = any(labels(one).get(LABEL_MODEL) == name for one in manifests)
    return f"{LABEL_MODEL if is_model else LABEL_PIPELINE}={name}"


def _pipelines(rendering: Rendering, name: str) -> set[str]:
    """The pipeline of that name, and those that name the model of it, as owners."""
    named = {owner for owner, names in rendering.links.items() if f"Model/{name}" in names}
    return {owner for owner in named if owner.startswith("Pipeline/")} | {f"Pipeline/{name}"}


def _controller_ears(opened: Opened, asked: AskedLogs, targets: Sequence[str]) -> Iterator[Ear]:
    from mlgitops.workflows.controller_ear import ControllerEar

    place = declared_controller(opened)
    if place.startswith("kubernetes:"):
        yield ControllerEar(place, asked.environment, targets, asked.since)


def heard(places: Sequence[Ear]) -> Iterator[TargetSaid]:
    """What was said at each place, as it comes: one that does not answer holds nobody up."""
    said: Queue[TargetSaid | Exception] = Queue()
    gate = threading.Semaphore(WIDTH)

    def once(ear: Ear) -> None:
        with gate:
            said.put(_heard_by(ear))

    _start(once, places)
    for _ in places:
        yield _next(said)


def followed(places: Sequence[Ear]) -> Iterator[TargetSaid]:
    """What is said at each place, as it comes, without end. Raises ``MlgitopsError`` where there are too many."""
    if len(places) > MOST_FOLLOWED:
        raise MlgitopsError(
            f"{len(places)} targets are too many to follow", help=f"name up to {MOST_FOLLOWED} with --target"
        )
    said: Queue[TargetSaid | Exception] = Queue(maxsize=2 * len(places))

    def forever(ear: Ear) -> None:
        pause, before = PAUSE, TargetSaid(ear.place)
        while True:
            found = _heard_by(ear)
            if isinstance(found, Exception):
                said.put(found)
                return
            news = _news(before, found)
            pause = PAUSE if news.lines else min(pause * 1.5, LONGEST_PAUSE)
            before = found
            said.put(news)
            time.sleep(pause)

    _start(forever, places)
    while True:
        yield _next(said)


def _news(before: TargetSaid, found: TargetSaid) -> TargetSaid:
    """The same without the troubles that were there before."""
    error = found.error if found.error != before.error else ""
    missing = tuple(one for one in found.missing if one not in before.missing)
    notes = tuple(one for one in found.notes if one not in before.notes)
    return replace(found, error=error, missing=missing, notes=notes)


def _heard_by(ear: Ear) -> TargetSaid | Exception:
    try:
        return ear.hear()
    except CANNOT as error:
        return TargetSaid(ear.place, error=reason(error), forbidden=isinstance(error, NotAuthorisedError))
    except Exception as error:  # raised by whoever asked, in their own thread
        return error


def _start(listen: Callable[[Ear], None], places: Sequence[Ear]) -> None:
    """A thread for each place, which ends with the process: nobody waits for one that hears nothing."""
    for ear in places:
        threading.Thread(target=listen, args=(ear,), name=f"ear {ear.place}", daemon=True).start()


def _next(said: Queue[TargetSaid | Exception]) -> TargetSaid:
    while True:
        try:  # not for ever, so that an interrupt is noticed
            found = said.get(timeout=NOTICED)
        except Empty:
            continue
        if isinstance(found, Exception):
            raise found
        return found
