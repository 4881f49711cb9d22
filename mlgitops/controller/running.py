"""Puts a controller together: Git, the targets' clusters, the state, whom it tells, and whether it leads."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from mlgitops.controller import stored, watching
from mlgitops.controller.answering import Answering
from mlgitops.controller.following import Following
from mlgitops.controller.goals import Goal
from mlgitops.controller.log import Log
from mlgitops.controller.loop import LONGEST_PAUSE, Controller
from mlgitops.controller.measuring import look
from mlgitops.controller.outside import Leadership, Outside
from mlgitops.controller.pulse import Pulse
from mlgitops.controller.reconcile import Surroundings
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import State
from mlgitops.controller.stepping import Due
from mlgitops.controller.store import DirectoryStore, Store
from mlgitops.controller.stores import elected
from mlgitops.controller.telemetry import CycleSpans, open_spans
from mlgitops.controller.telling import Telling
from mlgitops.progressive.analysis import Judgement
from mlgitops.response.alerts import Watch
from mlgitops.response.cause import Cause, Seen
from mlgitops.targets import Connection
from mlgitops.targets.kept import KeptConnections
from mlgitops.workflows.wait import Clock

SILENT_SECONDS = 4 * LONGEST_PAUSE
"""Seconds without a cycle after which the loop is taken for dead."""


class Alone:
    """The ``Leadership`` of a controller that has no other beside it."""

    def acquire(self) -> None:
        """It does anyway."""

    def campaign(self, changed: Callable[[], None]) -> None:
        """Nothing ever changes."""

    def leads(self) -> bool:
        """Always."""
        return True

    def share(self) -> tuple[str, frozenset[str]]:
        """With nobody."""
        return "", frozenset({""})

    def release(self) -> None:
        """Nobody waits for it."""


def run_once(settings: Settings, log: Log) -> State:
    """What one run came to. Raises ``MlgitopsError`` where it cannot begin."""
    with opened(settings, log) as controller:
        return controller.run_once()


def run_forever(settings: Settings, log: Log) -> None:
    """Runs until an interrupt, which comes out again. Raises ``MlgitopsError`` where it cannot begin."""
    with opened(settings, log) as controller:
        controller.run_forever()


@contextmanager
def opened(settings: Settings, log: Log) -> Iterator[Controller]:
    """A controller, and whatever it serves. Raises ``MlgitopsError`` where it cannot begin."""
    with ExitStack() as stack:
        following = Following(settings)
        connections = KeptConnections(following.root)
        store, leadership = _kept(settings)
        pulse = Pulse(SILENT_SECONDS, time.monotonic)
        spans = CycleSpans(open_spans(os.environ, log))
        stack.callback(spans.close)
        telling = Telling(log, pulse, spans)

        def connect(goal: Goal) -> Connection:
            names = (goal.rendering.project, *goal.key)
            return connections.open(goal.target.connection, "/".join(names))

        clock = Clock(time.monotonic, time.sleep)
        looking = KeptConnections(following.root)  # of their own, since an attempt at the target may be under way

        def measure(due: Due) -> Judgement:
            def at(goal: Goal) -> Connection:
                return looking.open(goal.target.connection, "/".join((goal.rendering.project, *goal.key)))

            return look(due, at, os.environ)

        surroundings = Surroundings(connect, following.follows, time.time, clock)

        def seen(goal: Goal, watched: Watch, known: frozenset[Cause]) -> tuple[Seen, ...]:
            assert goal.target.server is not None  # only such targets are looked at
            return watching.look(goal.target.server, watched, known, os.environ)

        answering = Answering(looking, following.opened, time.time, settings.addresses, os.environ)
        outside = Outside(
            following.follow, surroundings, lambda goal: connections.forget(goal.target.connection), store, telling,
            leadership, time.monotonic, measure, seen, answering.answer, settings.opens,
        )  # fmt: skip
        controller = Controller(settings, outside)
        wake = _waking(controller, store, leadership)
        if settings.listen:
            stack.enter_context(_served(settings, log, pulse, telling, wake))
        yield controller


def _kept(settings: Settings) -> tuple[Store, Leadership]:
    """Where the state is, and whether this process leads: among others that share a namespace, or by itself."""
    if not settings.election:
        return DirectoryStore(settings.state), Alone()
    return elected(settings.election, settings.replica)


def _waking(controller: Controller, store: Store, leadership: Leadership) -> Callable[[], None]:
    """Has Git looked at here, and by the replicas that a webhook is for as well, since it comes to any of them."""
    from mlgitops.controller.map_store import MapStore

    if not isinstance(store, MapStore):
        return controller.poke
    store.listen(controller.poke)

    def wake() -> None:
        controller.poke()
        me, replicas = leadership.share()
        if others := replicas - {me} if leadership.leads() else replicas:
            store.pass_on(others)

    return wake


@contextmanager
def _served(settings: Settings, log: Log, pulse: Pulse, telling: Telling, wake: Callable[[], None]) -> Iterator[None]:
    """Answers probes, scrapes and webhooks."""
    from mlgitops.controller.metrics import Metrics
    from mlgitops.controller.server import Pages, Server, Webhook

    metrics = Metrics(time.time)
    telling.count_with(metrics)
    pages = Pages(pulse.not_alive, pulse.not_ready, lambda: stored.plain(telling.state), metrics.exposition)
    webhook = Webhook(settings.webhook, wake, metrics.delivered) if settings.webhook else None
    with Server(settings.listen, log, pages, webhook) as server:
        log.info("serving", port=server.port)
        yield
