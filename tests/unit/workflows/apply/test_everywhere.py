from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mlgitops.errors import GuardError, StalePlanError, TargetError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result
from mlgitops.targets import InventoryEntry, Live
from mlgitops.targets.directory import DirectoryConnection
from mlgitops.workflows.apply import apply

SECONDS = 20.0
NAMES = ("a", "b", "c")
Doing = Callable[[str], None]


class Target(DirectoryConnection):
    """Files; what a test wants to happen happens when it is read within an apply, before a write, and at the end."""

    width = 2

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder / name, f"shop/dev/{name}")
        self.name = name
        self.at_reading: Doing = lambda name: None
        self.at_writing: Doing = lambda name: None
        self.at_unlocking: Doing = lambda name: None
        self.written: list[str] = []

    @contextmanager
    def lock(self) -> Iterator[None]:
        with super().lock():
            yield
        self.at_unlocking(self.name)

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        self.at_reading(self.name)
        return super().live(wanted)

    def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        self.at_writing(manifest["metadata"]["name"])
        self.written.append(manifest["metadata"]["name"])
        return super().put(manifest, expected, force=force)


def manifest(name: str, target: str) -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": target,
        "mlgitops.dev/model": name,
    }
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "ml", "labels": labels}}


@pytest.fixture
def targets(tmp_path: Path) -> dict[str, Target]:
    """Three targets with nothing in them."""
    return {name: Target(tmp_path, name) for name in NAMES}


def plan(targets: Mapping[str, Target], objects: int = 3) -> Plan:
    def one(name: str, target: Target) -> TargetPlan:
        desired = [manifest(f"{name}{number:02}", name) for number in range(objects)]
        return plan_target(name, {}, desired, target.live([identity(m) for m in desired]), target.inventory())

    return Plan("shop", "dev", "c1", "", tuple(one(name, target) for name, target in targets.items()))


def run(targets: Mapping[str, Target], made: Plan, progress: Callable[[ObjectOutcome], None] | None = None) -> Outcome:
    return apply(made, targets, lambda: "2026-01-01T00:00:00Z", progress or (lambda change: None))


def everything_written(targets: Mapping[str, Target]) -> list[str]:
    return sorted(name for target in targets.values() for name in target.written)


def test_targets_are_read_at_once_and_written_at_once(targets: dict[str, Target]) -> None:
    made = plan(targets)
    reading, writing = threading.Barrier(len(NAMES)), threading.Barrier(len(NAMES))

    def read(_: str) -> None:
        reading.wait(SECONDS)

    def write(name: str) -> None:
        if name.endswith("00"):
            writing.wait(SECONDS)

    for target in targets.values():
        target.at_reading, target.at_writing = read, write
    outcome = run(targets, made)
    assert outcome.succeeded
    assert [target.target for target in outcome.targets] == list(NAMES)
    assert [one.identity.name for one in outcome.targets[1].objects] == ["b00", "b01", "b02"]


def test_nothing_is_written_before_the_last_target_was_read(targets: dict[str, Target]) -> None:
    made = plan(targets)

    def slowly(_: str) -> None:
        time.sleep(0.3)
        assert everything_written(targets) == []

    targets["c"].at_reading = slowly
    assert run(targets, made).succeeded


@pytest.mark.parametrize("kind", [StalePlanError, GuardError])
def test_one_target_that_refuses_the_plan_refuses_it_everywhere(
    targets: dict[str, Target], kind: type[Exception]
) -> None:
    made, last = plan(targets), targets["c"]
    theirs = manifest("c00", "c")
    theirs["metadata"]["labels"] = {}
    with last.lock():
        last.put(theirs, "")
    if kind is GuardError:  # planned for as it is, but it is somebody else's
        live = last.live([identity(theirs)])
        made = replace(
            made,
            targets=(*made.targets[:2], plan_target("c", {}, [manifest("c00", "c")], live, last.inventory())),
        )
    last.written.clear()
    with pytest.raises(kind):
        run(targets, made)
    assert everything_written(targets) == []
    for target in targets.values():
        with target.lock():  # it was given back
            assert target.inventory().entries == {}


@pytest.mark.parametrize("planned", [False, True], ids=["since the plan", "in the plan"])
def test_a_target_that_cannot_be_reached_fails_alone(targets: dict[str, Target], planned: bool) -> None:
    made = plan(targets)

    def gone(_: str) -> None:
        raise TargetError("it is gone", help="Wait.")

    targets["b"].at_reading = gone
    if planned:
        unread = TargetPlan("b", {}, "", (), error="it is gone. Wait.")
        made = replace(made, targets=(made.targets[0], unread, made.targets[2]))
    known = {name: target for name, target in targets.items() if not (planned and name == "b")}
    outcome = run(known, made)
    assert [target.succeeded for target in outcome.targets] == [True, False, True]
    assert outcome.targets[1].error == "it is gone. Wait."
    assert {one.result for one in outcome.targets[1].objects} == (set() if planned else {Result.SKIPPED})
    assert everything_written(targets) == ["a00", "a01", "a02", "c00", "c01", "c02"]


def test_a_slow_target_holds_no_other_one_up(targets: dict[str, Target]) -> None:
    made = plan(targets)
    others = {name: threading.Event() for name in "ac"}
    for name in "ac":
        targets[name].at_unlocking = lambda name: others[name].set()

    def wait_for_the_others(_: str) -> None:
        assert all(ended.wait(SECONDS) for ended in others.values())

    targets["b"].at_writing = wait_for_the_others
    assert run(targets, made).succeeded


def test_progress_is_told_one_at_a_time(targets: dict[str, Target]) -> None:
    inside, seen = threading.Lock(), list[str]()

    def progress(outcome: ObjectOutcome) -> None:
        assert inside.acquire(blocking=False)
        time.sleep(0.002)
        seen.append(outcome.identity.name)
        inside.release()

    assert run(targets, plan(targets, objects=6), progress).succeeded
    assert sorted(seen) == everything_written(targets)
    for name in NAMES:
        assert [one for one in seen if one.startswith(name)] == [f"{name}{number:02}" for number in range(6)]


@pytest.mark.parametrize("names", [NAMES, NAMES[:1]], ids=["of several", "of one"])
def test_an_interrupt_starts_no_new_object_at_any_target(targets: dict[str, Target], names: Sequence[str]) -> None:
    chosen = {name: targets[name] for name in names}
    made = plan(chosen, objects=40)
    begun = threading.Barrier(len(chosen))

    def interrupt(name: str) -> None:
        if name.endswith("03"):
            begun.wait(SECONDS)
            if name == "a03":
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.3 if name[1:] > "03" else 0.02)  # so that a slow machine has the time to notice

    for target in chosen.values():
        target.at_writing = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(chosen, made)
    done = everything_written(chosen)
    assert 4 <= len(done) < 20 * len(chosen)
    time.sleep(0.2)
    assert everything_written(chosen) == done
    for target in chosen.values():
        with target.lock():  # it was given back
            assert len(target.inventory().entries) == 40  # as it was widened


def test_a_fault_of_ours_at_one_target_ends_the_others_too(targets: dict[str, Target]) -> None:
    made = plan(targets, objects=40)

    def broken(name: str) -> None:
        if name == "a01":
            raise RuntimeError("a fault")
        time.sleep(0.2)

    for target in targets.values():
        target.at_writing = broken
    with pytest.raises(RuntimeError):
        run(targets, made)
    assert max(len(targets[name].written) for name in "bc") < 40


def test_a_lock_that_cannot_be_given_back_is_told_of_that_target_alone(targets: dict[str, Target]) -> None:
    made = plan(targets)

    def fails(_: str) -> None:
        raise TargetError("the lock is stuck")

    targets["b"].at_unlocking = fails
    outcome = run(targets, made)
    assert [target.error for target in outcome.targets] == ["", "the lock is stuck", ""]
    assert everything_written(targets) == sorted(f"{name}{number:02}" for name in NAMES for number in range(3))
