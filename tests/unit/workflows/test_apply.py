from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgitops.errors import GuardError, StalePlanError, TargetError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.guards import Consent
from mlgitops.plan.guards.ancestry import NewerCommitError
from mlgitops.plan.outcome import Result
from mlgitops.plan.serialise import dumps, loads
from mlgitops.targets import Connection, InventoryEntry
from mlgitops.targets.directory import DirectoryConnection
from mlgitops.workflows.apply import apply

TIME = "2026-01-01T00:00:00Z"


def manifest(name: str, kind: str = "ConfigMap", owner: str = "iris", target: str = "aws", **body: Any) -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": target,
        "mlgitops.dev/model": owner,
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "ml", "labels": labels}, **body}


def plan(connection: Connection, *desired: Manifest, target: str = "aws", commit: str = "c1") -> Plan:
    wanted = [identity(one) for one in desired]
    planned = plan_target(target, {}, desired, connection.live(wanted), connection.inventory())
    return Plan("shop", "dev", commit, "sha256:r", (planned,), version="0.1.0")


def run(connection: Connection, *desired: Manifest, consent: Consent = Consent(True, True)) -> Any:  # noqa: B008
    return apply(plan(connection, *desired), {"aws": connection}, lambda: TIME, lambda change: None, consent)


def results(outcome: Any) -> dict[str, str]:
    return {f"{one.identity.kind}/{one.identity.name}": one.result for one in outcome.targets[0].objects}


@pytest.fixture
def connection(tmp_path: Path) -> DirectoryConnection:
    return DirectoryConnection(tmp_path / "out", "shop/dev/aws")


def test_what_was_planned_is_done_and_recorded(tmp_path: Path, connection: DirectoryConnection) -> None:
    run(connection, manifest("a", data={"v": "1"}), manifest("b"), manifest("c"))
    seen: list[str] = []
    second = plan(connection, manifest("a", data={"v": "2"}), manifest("b"), manifest("d"), commit="c2")
    outcome = apply(second, {"aws": connection}, lambda: TIME, lambda change: seen.append(change.identity.name))
    assert outcome.succeeded
    assert results(outcome) == {"ConfigMap/a": "done", "ConfigMap/d": "done", "ConfigMap/c": "done"}
    assert seen == ["a", "d", "c"]
    inventory = connection.inventory()
    assert ({one.name for one in inventory.entries}, inventory.commit, inventory.applied_at) == ({*"abd"}, "c2", TIME)
    log = (tmp_path / "out/.mlgitops/shop.dev.aws/audit.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["event"] for line in log] == ["apply started", "apply finished"] * 2
    assert orjson.loads(log[-1])["results"][0] == {
        "object": "ml/ConfigMap/a", "action": "update", "result": "done", "reason": ""
    }  # fmt: skip
    assert connection.audit_problems() == ()


def test_a_second_apply_has_nothing_to_do(tmp_path: Path, connection: DirectoryConnection) -> None:
    run(connection, manifest("a"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.name != "lock"}
    outcome = run(connection, manifest("a"))
    assert outcome.succeeded
    assert outcome.targets[0].objects == ()
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.name != "lock"}


def test_a_plan_from_its_file_does_the_same(connection: DirectoryConnection) -> None:
    planned = loads(dumps(plan(connection, manifest("a"))))
    assert apply(planned, {"aws": connection}, lambda: TIME, lambda change: None).succeeded
    assert connection.live([])[identity(manifest("a"))].manifest == manifest("a")


@pytest.mark.parametrize("moved", ["file edited", "file added", "file removed", "inventory"])
def test_nothing_is_written_anywhere_when_any_target_moved(tmp_path: Path, moved: str) -> None:
    first = DirectoryConnection(tmp_path / "one", "shop/dev/aws")
    second = DirectoryConnection(tmp_path / "two", "shop/dev/gcp")
    gone, stays = (manifest(name, target="gcp") for name in ("gone", "stays"))
    apply(plan(second, gone, stays, target="gcp"), {"gcp": second}, lambda: TIME, lambda change: None)
    (one,) = plan(first, manifest("a")).targets
    (two,) = plan(second, stays, manifest("new", target="gcp"), target="gcp").targets
    both = Plan("shop", "dev", "c2", "sha256:r", (one, two))
    if moved == "file edited":
        second.put({**gone, "data": {}}, second.live([])[identity(gone)].digest)
    elif moved == "file added":
        second.put(manifest("new", target="gcp"), "")
    elif moved == "file removed":
        second.delete(identity(gone), second.live([])[identity(gone)].digest)
    else:
        second.write_inventory(replace(second.inventory(), commit="c9"))
    before = snapshot(tmp_path)
    with pytest.raises(StalePlanError):
        apply(both, {"aws": first, "gcp": second}, lambda: TIME, lambda change: None)
    assert snapshot(tmp_path) == before


def test_guards_stop_before_anything_is_written(tmp_path: Path, connection: DirectoryConnection) -> None:
    run(connection, manifest("a"), manifest("b"))
    before = snapshot(tmp_path)
    with pytest.raises(GuardError):
        run(connection, consent=Consent())
    with pytest.raises(GuardError):
        run(connection, manifest("c"), consent=Consent())
    assert snapshot(tmp_path) == before
    run(connection, consent=Consent(allow_mass_delete=True))
    assert connection.inventory().entries == {}


def snapshot(directory: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file() and path.name != "lock"}


class Failing(DirectoryConnection):
    """A directory in which some objects cannot be written or deleted."""

    broken: Sequence[str] = ()

    def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        self._fail(identity(manifest))
        return super().put(manifest, expected, force=force)

    def delete(self, identity: Identity, expected: str) -> None:
        self._fail(identity)
        super().delete(identity, expected)

    def _fail(self, one: Identity) -> None:
        if f"{one.kind}/{one.name}" in self.broken:
            raise TargetError(f"cannot write {one}", help="Make room.")


@pytest.fixture
def failing(tmp_path: Path) -> Failing:
    return Failing(tmp_path / "out", "shop/dev/aws")


def test_what_does_not_depend_on_a_failure_goes_on(failing: Failing) -> None:
    failing.broken = ["ServiceAccount/iris"]
    outcome = run(
        failing,
        manifest("iris", "ServiceAccount"), manifest("iris", "InferenceService"),
        manifest("rose", "ServiceAccount", owner="rose"), manifest("rose", "InferenceService", owner="rose"),
    )  # fmt: skip
    assert not outcome.succeeded
    assert results(outcome) == {
        "ServiceAccount/iris": Result.FAILED,
        "InferenceService/iris": Result.SKIPPED,
        "ServiceAccount/rose": Result.DONE,
        "InferenceService/rose": Result.DONE,
    }
    reasons = {one.result: one.reason for one in outcome.targets[0].objects}
    assert reasons[Result.FAILED] == "cannot write ml/ServiceAccount/iris. Make room."
    assert reasons[Result.SKIPPED] == "waits for ml/ServiceAccount/iris"


def test_a_delete_that_failed_stays_in_the_inventory_and_is_tried_again(failing: Failing) -> None:
    run(failing, manifest("a"), manifest("b", owner="b"), manifest("c", owner="c"))
    failing.broken = ["ConfigMap/b"]
    outcome = run(failing, manifest("a"))
    assert results(outcome) == {"ConfigMap/c": Result.DONE, "ConfigMap/b": Result.FAILED}
    assert {one.name for one in failing.inventory().entries} == {"a", "b"}
    failing.broken = []
    assert results(run(failing, manifest("a"))) == {"ConfigMap/b": Result.DONE}
    assert {one.name for one in failing.inventory().entries} == {"a"}


def test_a_model_that_cannot_be_updated_keeps_what_it_has(failing: Failing) -> None:
    run(failing, manifest("old"), manifest("other", owner="other"))
    failing.broken = ["ConfigMap/new"]
    outcome = run(failing, manifest("new"), manifest("other", owner="other"))
    assert results(outcome) == {"ConfigMap/new": Result.FAILED, "ConfigMap/old": Result.SKIPPED}
    assert identity(manifest("old")) in failing.live([])


def test_a_target_that_cannot_be_locked_fails_alone(tmp_path: Path) -> None:
    first = DirectoryConnection(tmp_path / "one", "shop/dev/aws")
    second = DirectoryConnection(tmp_path / "two", "shop/dev/gcp")
    (one,) = plan(first, manifest("a")).targets
    (two,) = plan(second, manifest("a", target="gcp"), target="gcp").targets
    with DirectoryConnection(tmp_path / "one", "shop/dev/aws").lock():
        outcome = apply(
            Plan("shop", "dev", "c1", "sha256:r", (one, two)),
            {"aws": first, "gcp": second},
            lambda: TIME,
            lambda c: None,
        )
    assert not outcome.succeeded
    assert [target.succeeded for target in outcome.targets] == [False, True]
    assert "another apply holds the target" in outcome.targets[0].error
    assert [one.result for one in outcome.targets[0].objects] == [Result.SKIPPED]


@pytest.mark.parametrize("step", ["record", "write_inventory"])
def test_no_object_is_written_when_the_bookkeeping_cannot_be(
    connection: DirectoryConnection, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: Any) -> None:
        raise TargetError("No space left on device")

    planned = plan(connection, manifest("a"))
    monkeypatch.setattr(connection, step, full)
    outcome = apply(planned, {"aws": connection}, lambda: TIME, lambda change: None)
    assert (outcome.succeeded, outcome.targets[0].error) == (False, "No space left on device")
    assert connection.live([identity(manifest("a"))]) == {}


def test_an_interruption_is_not_swallowed_and_releases_the_lock(connection: DirectoryConnection) -> None:
    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(plan(connection, manifest("a"), manifest("b")), {"aws": connection}, lambda: TIME, interrupt)
    assert len(connection.live([])) == 1
    assert run(connection, manifest("a"), manifest("b")).succeeded
    assert plan(connection, manifest("a"), manifest("b")).is_empty


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
VALUES = st.none() | st.text(max_size=8) | st.integers(-9, 9) | st.lists(st.text(max_size=4), max_size=2)
OBJECTS = st.dictionaries(
    st.tuples(NAMES, st.sampled_from(["ConfigMap", "ServiceAccount", "InferenceService", "Secret"])),
    st.dictionaries(st.text(max_size=6), VALUES, max_size=3),
    max_size=6,
)


@contextmanager
def directory() -> Iterator[DirectoryConnection]:
    with tempfile.TemporaryDirectory() as folder:
        yield DirectoryConnection(Path(folder) / "out", "shop/dev/aws")


@settings(deadline=None, max_examples=30)
@given(OBJECTS, OBJECTS)
def test_a_plan_after_apply_is_empty(before: dict[Any, Any], after: dict[Any, Any]) -> None:
    with directory() as connection:
        for objects in (before, after):
            desired = [manifest(name, kind, owner=name, data=data) for (name, kind), data in objects.items()]
            assert run(connection, *copy.deepcopy(desired)).succeeded
            again = plan(connection, *desired)
            assert again.is_empty
            assert {change.action for change in again.targets[0].changes} <= {Action.UNCHANGED}
            assert {one: live.manifest for one, live in connection.owned().items()} == {identity(m): m for m in desired}


def test_the_callback_is_told_of_failures_too(failing: Failing) -> None:
    failing.broken = ["ConfigMap/a"]
    seen: list[str] = []
    note: Callable[[Any], None] = lambda change: seen.append(change.identity.name)  # noqa: E731
    apply(plan(failing, manifest("a"), manifest("b")), {"aws": failing}, lambda: TIME, note)
    assert seen == ["a", "b"]


def test_what_a_failed_apply_began_counts_as_applied_for_whoever_has_an_older_commit(failing: Failing) -> None:
    """A commit that could not be applied as a whole may have been written to any object."""
    run(failing, manifest("a"), manifest("b"))
    failing.broken = ["ConfigMap/b"]
    newer = plan(failing, manifest("a", data={"v": "3"}), manifest("b", data={"v": "3"}), commit="c3")
    apply(newer, {"aws": failing}, lambda: TIME, lambda change: None)
    assert (failing.inventory().commit, failing.inventory().begun) == ("c1", "c3")
    failing.broken = []
    behind = Consent(over=lambda commit, earlier: earlier <= commit)
    older = plan(failing, manifest("a", data={"v": "2"}), manifest("b"), commit="c2")
    with pytest.raises(NewerCommitError):
        apply(older, {"aws": failing}, lambda: TIME, lambda change: None, behind)
    again = plan(failing, manifest("a", data={"v": "3"}), manifest("b", data={"v": "3"}), commit="c3")
    assert apply(again, {"aws": failing}, lambda: TIME, lambda change: None, behind).succeeded
    assert (failing.inventory().commit, failing.inventory().begun) == ("c3", "")


def test_fields_are_taken_back_of_the_objects_that_were_agreed_to_alone(tmp_path: Path) -> None:
    forced: list[str] = []

    class Forced(DirectoryConnection):
        def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
            forced.extend([manifest["metadata"]["name"]] if force else [])
            return super().put(manifest, expected, force=force)

    connection = Forced(tmp_path / "out", "shop/dev/aws")
    run(connection, manifest("a"), manifest("b"), consent=Consent(take_back=[identity(manifest("b"))]))
    assert forced == ["b"]
