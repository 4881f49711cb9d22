"""What runs once is started once, from plan to inventory: a target of files stands in for a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Plan, TargetPlan
from mlgitops.plan.compare import compare, plan_target
from mlgitops.plan.ledger import end_in
from mlgitops.plan.serialise import dumps, loads
from mlgitops.targets import Preview, layout
from mlgitops.targets.directory import DirectoryConnection
from mlgitops.targets.manifest_yaml import dump
from mlgitops.workflows.apply import apply
from mlgitops.workflows.drift import find_drift

CLUSTER = {"kubernetes": {"context": "x"}}
TIME = "2026-01-01T00:00:00Z"


def train(nodes: int = 1, **status: Any) -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": "aws",
        "mlgitops.dev/pipeline": "train",
    }
    metadata = {"name": "train", "namespace": "ml", "labels": labels}
    kind = {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", "metadata": metadata}
    return {**kind, "spec": {"trainer": {"numNodes": nodes}}, **status}


RUN = train()


@pytest.fixture
def connection(tmp_path: Path) -> DirectoryConnection:
    return DirectoryConnection(tmp_path / "out", "shop/dev/aws")


def planned(connection: DirectoryConnection, *desired: Manifest, where: Any = CLUSTER) -> TargetPlan:
    live = connection.live([identity(one) for one in desired])
    return plan_target("aws", where, desired, live, connection.inventory())


def run(connection: DirectoryConnection, *desired: Manifest, where: Any = CLUSTER) -> None:
    plan = Plan("shop", "dev", "c1", "sha256:r", (planned(connection, *desired, where=where),))
    assert apply(plan, {"aws": connection}, lambda: TIME, lambda change: None).succeeded


def remove(tmp_path: Path) -> None:
    """What a time to live does."""
    (tmp_path / "out" / layout.relative_path(identity(RUN))).unlink()


def test_a_run_that_removed_itself_is_neither_a_change_nor_drift(
    tmp_path: Path, connection: DirectoryConnection
) -> None:
    run(connection, RUN)
    remove(tmp_path)
    plan = planned(connection, RUN)
    assert (plan.is_empty, [change.action for change in plan.changes]) == (True, [Action.UNCHANGED])
    assert not find_drift("aws", [RUN], connection).found
    asked: list[Sequence[Manifest]] = []

    def preview(manifests: Sequence[Manifest]) -> Mapping[Identity, Preview]:
        asked.append(manifests)
        return {}

    compare([RUN], {}, connection.inventory(), preview)
    assert asked == [[]]
    whole = Plan("shop", "dev", "c1", "sha256:r", (plan,))
    assert loads(dumps(whole)) == whole


def test_it_is_still_done_after_another_apply(tmp_path: Path, connection: DirectoryConnection) -> None:
    run(connection, RUN)
    remove(tmp_path)
    other = {**RUN, "kind": "ConfigMap", "apiVersion": "v1"}
    run(connection, RUN, other)
    assert planned(connection, RUN, other).is_empty


def test_a_change_in_git_starts_it_again(tmp_path: Path, connection: DirectoryConnection) -> None:
    run(connection, RUN)
    remove(tmp_path)
    assert [change.action for change in planned(connection, train(2)).changes] == [Action.CREATE]
    run(connection, train(2))
    remove(tmp_path)
    assert planned(connection, train(2)).is_empty
    assert not planned(connection, RUN).is_empty


def test_the_end_that_an_apply_sees_is_remembered(tmp_path: Path, connection: DirectoryConnection) -> None:
    run(connection, RUN)
    ended = train(status={"conditions": [{"type": "Failed", "status": "True"}]})
    (tmp_path / "out" / layout.relative_path(identity(RUN))).write_text(dump(ended))
    other = {**RUN, "kind": "ConfigMap", "apiVersion": "v1"}
    inventory = connection.inventory()
    live = connection.live([])
    unchanged = plan_target("aws", CLUSTER, [ended, other], live, inventory)
    plan = Plan("shop", "dev", "c1", "sha256:r", (unchanged,))
    assert apply(plan, {"aws": connection}, lambda: TIME, lambda change: None).succeeded
    assert end_in(connection.inventory().entries[identity(RUN)]) == "failed"


def test_an_interrupted_apply_creates_it(connection: DirectoryConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(connection, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        run(connection, RUN)
    assert identity(RUN) in connection.inventory().entries
    assert [change.action for change in planned(connection, RUN).changes] == [Action.CREATE]


def test_a_file_of_a_run_is_a_file_like_any_other(tmp_path: Path, connection: DirectoryConnection) -> None:
    files = {"directory": {"path": "out"}}
    run(connection, RUN, where=files)
    remove(tmp_path)
    assert [change.action for change in planned(connection, RUN, where=files).changes] == [Action.CREATE]
    assert [one.identity for one in find_drift("aws", [RUN], connection).missing] == [identity(RUN)]
