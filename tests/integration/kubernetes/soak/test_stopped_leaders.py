"""A leader is stopped in the midst of its writes, for longer than its lease, again and again.

Each lane has two replicas that lead in turn: whoever leads is stopped, the other one applies a newer commit, and the
stopped one goes on. SOAK_ROUNDS says how often in all; SOAK_SEED, where. `make soak` does it a hundred times.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import home_variables
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.proxy import Exchange, Fault, FaultProxy, Request
from tests.testbed.scene import Scene
from tests.testbed.soak.watched import Watched
from tests.testbed.waiting import wait_until

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "6"))
SEED = int(os.environ.get("SOAK_SEED") or random.randrange(10**6))  # noqa: S311
LANES = min(ROUNDS, 10 if ROUNDS < 100 else 20)
NAMES = [f"data-{number}" for number in range(12)]
LEADS, STANDS_BY = "this replica leads", "this replica stands by: another one leads"
SECONDS = 180.0
QUIET_SECONDS = 3.0
"""How long it is watched that a leader that woke up writes nothing."""


class Replica:
    """One of the two controllers of a lane, behind a proxy of its own that can stop it in the midst of its writes."""

    def __init__(self, name: str, proxy: FaultProxy) -> None:
        self.name = name
        self.proxy = proxy
        self.watched: Watched
        self.stopped = threading.Event()
        self.go_on = threading.Event()
        self.sent: list[str] = []
        """What it sent to change something, and when; its locks left out."""
        self.lets_through()

    def lets_through(self) -> None:
        """Nothing more goes wrong with what it sends."""
        self.proxy.rule = self._noted

    def _noted(self, request: Request) -> None:
        if request.mutating and "/leases" not in request.path:
            self.sent.append(f"{now()} {request.method} {request.path} {request.body[:300].decode()}")

    def stop_at(self, number: int, *, held: bool) -> None:
        """Stops it at its next write to an object of that number; ``held`` lets that one through only later."""
        counted = iter(range(1, 10**6))
        self.stopped.clear()
        self.go_on.clear()

        def stop(exchange: Exchange) -> None:
            answer = None if held else exchange.forward()
            self.watched.command.send(signal.SIGSTOP)
            self.stopped.set()
            if answer is None:
                assert self.go_on.wait(SECONDS)
                answer = exchange.forward()
            exchange.reply(answer)

        def rule(request: Request) -> Fault | None:
            self._noted(request)
            is_object = request.mutating and "/configmaps/data-" in request.path
            return stop if is_object and next(counted) == number else None

        self.proxy.rule = rule

    def wake(self) -> None:
        """Lets it go on."""
        self.lets_through()
        self.go_on.set()
        self.watched.command.send(signal.SIGCONT)

    @property
    def leads(self) -> bool:
        """Whether it leads, as far as it knows."""
        said = [line["message"] for line in self.watched.lines() if line["message"] in (LEADS, STANDS_BY)]
        return said[-1:] == [LEADS]

    @property
    def applied(self) -> str:
        """The commit that it applied last, once it has written down that it did; it must not stand still."""
        results = [one["result"] for one in self.watched.status()["targets"]]
        return str(results[0]["applied"]) if results and results[0] else ""


class Lane:
    """A project, a target, and two replicas."""

    def __init__(self, scene: Scene, replicas: tuple[Replica, Replica], seed: int) -> None:
        self.scene = scene
        self.replicas = replicas
        self.held = 0
        self._random = random.Random(seed)  # noqa: S311
        self._value = 0

    def run(self, rounds: int) -> None:
        """So many rounds."""
        self._until(lambda: any(one.leads for one in self.replicas), "a leader")
        self._applied(next(one for one in self.replicas if one.leads))
        for _ in range(rounds):
            self._round()

    def _round(self) -> None:
        leader, other = sorted(self.replicas, key=lambda one: not one.leads)
        held = self._random.random() < 0.5
        self.held += held
        leader.stop_at(self._random.randint(1, len(NAMES)), held=held)
        self._commit(with_goes=False)
        self._until(leader.stopped.is_set, "the leader to write")
        self._applied(other)
        assert other.leads
        before = self.scene.state()
        with self.scene.recording() as recorded:
            woken = now()
            leader.wake()
            self._until(lambda: not leader.leads, "the leader to know that it is one no longer")
            time.sleep(QUIET_SECONDS)
            assert other.leads
        written = {key: count for key, count in recorded.counts().items() if key[1] != "leases"}
        assert written == {}, self._told(woken)
        assert self.scene.state() == before
        assert self._values() == {str(self._value)}

    def _told(self, woken: str) -> str:
        """What each of them sent and said of late."""
        told = [
            "\n".join([one.name, *one.sent[-40:], *one.watched.log.read_text().splitlines()[-40:]])
            for one in self.replicas
        ]
        return "\n".join([f"woken at {woken}", *told])

    def _applied(self, leader: Replica) -> None:
        """A newer commit, which that replica applies and remembers."""
        head = self._commit(with_goes=True)
        self._until(lambda: self._commit_there() == head, "the newer commit to be applied")
        self._until(lambda: leader.applied == head, "the leader to have kept what it knows")
        assert self._values() == {str(self._value)}

    def _commit(self, *, with_goes: bool) -> str:
        self._value += 1
        names = [*NAMES, "goes"] if with_goes else NAMES
        data = {"value": str(self._value)}
        self.scene.objects(
            *({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": one}, "data": data} for one in names)
        )
        return self.scene.commit()

    def _commit_there(self) -> str:
        state = self.scene.state()
        found = state.get(f"configmaps/{self.scene.inventory_name}")
        return str(found["metadata"]["annotations"].get("mlgitops.dev/commit")) if found else ""

    def _values(self) -> set[str]:
        state = self.scene.state()
        return {state[f"configmaps/{name}"]["data"]["value"] for name in (*NAMES, "goes")}

    def _until(self, condition: Callable[[], object], what: str) -> None:
        wait_until(lambda: bool(condition()), what, SECONDS)


def now() -> str:
    """The time, to milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextmanager
def lane(plane: ControlPlane, root: Path, environment: dict[str, str], seed: int) -> Iterator[Lane]:
    """A lane whose replicas run until the block ends."""
    scene = Scene(plane, root / "shop", plane.new_namespace(), environment)
    scene.objects()
    scene.commit()
    with ExitStack() as stack:
        replicas = [Replica(name, stack.enter_context(FaultProxy(plane.apiserver))) for name in ("first", "second")]
        for one in replicas:
            kubeconfig = plane.write_kubeconfig(f"{scene.namespace}-{one.name}", one.proxy.access(ADMIN))
            arguments = [
                "--repository", str(scene.root), "--state", str(root / one.name), "--interval", "3s",
                "--leader-election", scene.namespace,
            ]  # fmt: skip
            one.watched = stack.enter_context(
                Watched.running(arguments, root, scene.variables(kubeconfig), root / f"{one.name}-said")
            )
            stack.callback(one.wake)
        yield Lane(scene, (replicas[0], replicas[1]), seed)


def test_a_stopped_leader_writes_nothing_over_its_successor_round_after_round(
    control_plane: ControlPlane,
    namespace: str,
    kustomize_binary: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    environment = {**os.environ, **home_variables(tmp_path, kustomize_binary)}
    started = time.monotonic()
    per_lane = [ROUNDS // LANES + (number < ROUNDS % LANES) for number in range(LANES)]

    def run(number: int) -> int:
        root = tmp_path / str(number)
        root.mkdir()
        with lane(control_plane, root, environment, SEED + number) as one:
            one.run(per_lane[number])
        return one.held

    with capfd.disabled():
        print(f"\nstopped leaders: SOAK_SEED={SEED} SOAK_ROUNDS={ROUNDS}", flush=True)
    with ThreadPoolExecutor(LANES) as pool:
        held = sum(pool.map(run, range(LANES)))
    with capfd.disabled():
        took = time.monotonic() - started
        print(f"{ROUNDS} rounds in {LANES} lanes, {held} with a write that came late, in {took:.0f} s", flush=True)
