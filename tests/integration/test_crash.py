"""Apply is killed between any two of its writes; planning and applying again ends where an unhindered run ends.

The measure is Sieve's (OSDI '22): the same end state, no orphan, and no object deleted that the reference run keeps.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.outcome import Outcome
from mlgitops.targets.directory import DirectoryConnection
from mlgitops.workflows.apply import apply

pytestmark = pytest.mark.integration

WRITES = ("replace", "unlink", "fsync", "mkdir", "rmdir", "ftruncate", "pwrite")
"""The system calls by which apply changes or settles what is on the disk."""
NEED_ROOM = ("replace", "fsync", "mkdir", "pwrite")
"""Those of them that a full disk refuses."""


class CrashError(BaseException):
    """Stands for the death of the process: nothing in mlgitops may catch it."""


def manifest(name: str, kind: str = "ConfigMap", namespace: str = "ml", **data: str) -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": "aws",
        "mlgitops.dev/model": name,
    }
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data}


BEFORE = [manifest("stays"), manifest("moves", v="1"), manifest("goes"), manifest("leaves", namespace="old")]
AFTER = [manifest("stays"), manifest("moves", v="2"), manifest("comes", "InferenceService", namespace="new")]


def apply_once(directory: Path, desired: list[Manifest]) -> Outcome:
    """Plans and applies as the command does."""
    connection = DirectoryConnection(directory, "shop/dev/aws")
    live = connection.live([identity(one) for one in desired])
    plan = Plan("shop", "dev", "c2", "", (plan_target("aws", {}, desired, live, connection.inventory()),))
    if plan.is_empty:
        return Outcome("dev", "c2", ())
    return apply(plan, {"aws": connection}, lambda: "2026-01-01T00:00:00Z", lambda change: None)


def converge(directory: Path, desired: list[Manifest]) -> set[str]:
    """Applies, which succeeds; the names of what was deleted."""
    outcome = apply_once(directory, desired)
    assert outcome.succeeded
    objects = [one for target in outcome.targets for one in target.objects]
    return {one.identity.name for one in objects if one.action == "delete"}


def reasons(outcome: Outcome) -> list[str]:
    """Why not all was done."""
    said = [text for target in outcome.targets for text in (*(one.reason for one in target.objects), target.error)]
    return [text for text in said if text]


def state(directory: Path) -> dict[str, bytes]:
    """Every file but the lock, whose text is free to stay, and the audit log, which also tells of the killed run.

    For the same reason the log's head and the checksum over it are left out of the inventory.
    """
    files = {path for path in directory.rglob("*") if path.is_file() and path.name not in ("lock", "audit.jsonl")}
    named = {str(path.relative_to(directory)): path.read_bytes() for path in files}
    inventory = ".mlgitops/shop.dev.aws/inventory"
    lines = named[inventory].splitlines()
    return {
        **named,
        inventory: b"\n".join(line for line in lines if b"auditHead" not in line and b"checksum" not in line),
    }


@contextmanager
def at_write(
    number: int, die: Callable[[], None], monkeypatch: pytest.MonkeyPatch, writes: Sequence[str] = WRITES
) -> Iterator[None]:
    """Calls ``die`` instead of the process's write of that number, counting from 0."""
    counter = count()
    with monkeypatch.context() as patch:
        for name in writes:
            patch.setattr(os, name, _dying(getattr(os, name), counter, number, die))
        yield


def _dying(write: Callable[..., Any], counter: count[int], number: int, die: Callable[[], None]) -> Callable[..., Any]:
    def dying(*args: Any, **kwargs: Any) -> Any:
        if next(counter) >= number:  # whoever cleans up after the crash finds that nothing works any more
            die()
        return write(*args, **kwargs)

    return dying


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The directory before the apply that is killed."""
    converge(tmp_path / "before", BEFORE)
    return tmp_path / "before"


@pytest.fixture
def reference(tmp_path: Path, before: Path) -> dict[str, bytes]:
    """The state after an apply that nobody killed."""
    shutil.copytree(before, tmp_path / "reference")
    assert converge(tmp_path / "reference", AFTER) == {"goes", "leaves"}
    return state(tmp_path / "reference")


def crash() -> None:
    raise CrashError


def assert_rerun_converges(directory: Path, desired: list[Manifest], reference: dict[str, bytes]) -> None:
    assert converge(directory, desired) <= {"goes", "leaves"}
    assert state(directory) == reference
    connection = DirectoryConnection(directory, "shop/dev/aws")
    assert connection.owned().keys() == connection.inventory().entries.keys() == {identity(one) for one in desired}
    assert connection.audit_problems() == ()
    assert converge(directory, desired) == set()
    assert state(directory) == reference


def test_a_crash_before_any_write_converges(
    tmp_path: Path, before: Path, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in count():
        directory = tmp_path / f"crash-{number}"
        shutil.copytree(before, directory)
        try:
            with at_write(number, crash, monkeypatch):
                converge(directory, AFTER)
        except CrashError:
            assert_rerun_converges(directory, AFTER, reference)
            shutil.rmtree(directory)
        else:
            break
    assert number > 25
    assert state(directory) == reference


def test_a_crash_of_the_first_apply_converges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converge(tmp_path / "reference", AFTER)
    for number in count():
        directory = tmp_path / f"crash-{number}"
        try:
            with at_write(number, crash, monkeypatch):
                converge(directory, AFTER)
        except CrashError:
            assert_rerun_converges(directory, AFTER, state(tmp_path / "reference"))
        else:
            break
    assert number > 20


def test_a_crash_and_then_a_revert_of_the_commit_converges(
    tmp_path: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in count():
        directory = tmp_path / f"crash-{number}"
        shutil.copytree(before, directory)
        try:
            with at_write(number, crash, monkeypatch):
                converge(directory, AFTER)
        except CrashError:
            assert converge(directory, BEFORE) <= {"comes"}
            connection = DirectoryConnection(directory, "shop/dev/aws")
            assert {one: live.manifest for one, live in connection.owned().items()} == {identity(m): m for m in BEFORE}
            assert connection.inventory().entries.keys() == {identity(m) for m in BEFORE}
        else:
            break


def test_a_disk_that_is_full_from_any_write_on_is_told_and_converges_later(
    tmp_path: Path, before: Path, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for number in count():
        directory = tmp_path / f"full-{number}"
        shutil.copytree(before, directory)
        told: list[str] = []
        with at_write(number, full, monkeypatch, NEED_ROOM):
            try:
                told += reasons(apply_once(directory, AFTER))
            except MlgitopsError as error:
                told.append(error.message)
        if not told:
            break
        assert "No space left on device" in told[0], told
        assert_rerun_converges(directory, AFTER, reference)
        shutil.rmtree(directory)
    assert number > 15
    assert state(directory) == reference


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # fork beside the threads of a test runner
def test_a_real_kill_at_any_write_converges(
    tmp_path: Path, before: Path, reference: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    for number in count():
        directory = tmp_path / f"kill-{number}"
        shutil.copytree(before, directory)
        child = os.fork()
        if child == 0:
            try:
                with at_write(number, kill, monkeypatch):
                    converge(directory, AFTER)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert_rerun_converges(directory, AFTER, reference)
        shutil.rmtree(directory)
    assert (os.WEXITSTATUS(status), number > 25) == (0, True)
    assert state(directory) == reference
