from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.drift import DriftReport
from mlgitops.targets import manifest_yaml
from mlgitops.targets.directory import DirectoryConnection
from mlgitops.workflows.apply import apply
from mlgitops.workflows.drift import drift, find_drift, repairs
from mlgitops.workflows.plan import connections, plans
from mlgitops.workflows.project import open_project
from tests.testbed import fleet


def manifest(name: str, owner: str = "iris", **data: Any) -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": "aws",
        "mlgitops.dev/model": owner,
    }
    metadata = {"name": name, "namespace": "ml", "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


A, B = manifest("a", v="1"), manifest("b", v="1")


@pytest.fixture
def connection(tmp_path: Path) -> DirectoryConnection:
    """A directory with two objects applied."""
    directory = DirectoryConnection(tmp_path / "out", "shop/dev/aws")
    target = plan_target("aws", {}, [A, B], {}, directory.inventory())
    apply(Plan("shop", "dev", "c1", "", (target,)), {"aws": directory}, lambda: "2026-01-01T00:00:00Z", lambda c: None)
    return directory


def names(report: DriftReport) -> tuple[list[str], list[str], list[str]]:
    groups = (report.changed, report.missing, report.unexpected)
    changed, missing, unexpected = ([one.identity.name for one in group] for group in groups)
    return changed, missing, unexpected


def edit(connection: DirectoryConnection, was: Manifest, becomes: Manifest) -> None:
    connection.put(becomes, connection.live([])[identity(was)].digest)


def test_nothing_drifts_after_apply(connection: DirectoryConnection) -> None:
    report = find_drift("aws", [A, B], connection)
    assert (names(report), report.found) == (([], [], []), False)


def test_an_edited_object_is_changed_and_its_fields_lead_back_to_git(connection: DirectoryConnection) -> None:
    edit(connection, A, manifest("a", v="9"))
    report = find_drift("aws", [A, B], connection)
    assert (names(report), report.found) == ((["a"], [], []), True)
    assert [(f.pointer, f.old, f.new) for f in report.changed[0].fields] == [("data.v", "9", "1")]


def test_a_change_in_git_that_nobody_applied_is_no_drift(connection: DirectoryConnection) -> None:
    assert not find_drift("aws", [manifest("a", v="2"), manifest("c")], connection).found


def test_an_edit_to_what_git_says_anyway_is_no_drift(connection: DirectoryConnection) -> None:
    edit(connection, A, manifest("a", v="2"))
    assert not find_drift("aws", [manifest("a", v="2"), B], connection).found


def test_an_edited_object_that_git_no_longer_has_is_changed(connection: DirectoryConnection) -> None:
    edit(connection, A, manifest("a", v="9"))
    report = find_drift("aws", [B], connection)
    assert names(report) == (["a"], [], [])
    assert report.changed[0].fields == ()


def test_a_removed_object_is_missing_unless_git_no_longer_has_it(connection: DirectoryConnection) -> None:
    connection.delete(identity(A), connection.live([])[identity(A)].digest)
    assert names(find_drift("aws", [A, B], connection)) == ([], ["a"], [])
    assert not find_drift("aws", [B], connection).found


def test_an_added_object_with_our_labels_is_unexpected_and_others_are_not(
    tmp_path: Path, connection: DirectoryConnection
) -> None:
    foreign = manifest("foreign")
    foreign["metadata"]["labels"] = {}
    for one in (manifest("extra", owner="rose"), foreign):
        (tmp_path / "out" / "ml" / f"{one['metadata']['name']}.yaml").write_text(manifest_yaml.dump(one))
    report = find_drift("aws", [A, B], connection)
    assert names(report) == ([], [], ["extra"])
    assert report.unexpected[0].owner == "Model/rose"
    assert not find_drift("aws", [A, B], connection, lambda _, owner: owner == "Model/iris").found


def test_a_selection_leaves_other_drift_out(connection: DirectoryConnection) -> None:
    edit(connection, A, manifest("a", v="9"))
    assert not find_drift("aws", [A, B], connection, lambda one, _: one.name == "b").found


def test_a_target_that_cannot_be_read_is_told_beside_the_drift_of_the_others(project: Any) -> None:
    root: Path = project(fleet.files())
    opened = open_project(root, None, no_cache=True)
    for plan in plans(opened, Asked()):
        apply(plan, connections(root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
    for path in (root / "clusters").glob("*/models/*.yaml"):
        path.write_text(path.read_text().replace("maxReplicas: 3", "maxReplicas: 9"))
    fleet.damage(root, "there")
    (found,) = drift(opened, Asked())
    assert [len(target.changed) for target in found.targets] == [1, 0, 1]
    assert [target.target for target in found.unread] == ["there"]
    assert found.found
    (repair,) = repairs(opened, [found])
    assert [target.target for target in repair.targets] == ["here", "yonder"]
    with pytest.raises(TargetError, match="is corrupt"):
        drift(opened, Asked(targets=("there",)))


def test_repairs_undo_the_drift_and_nothing_else(project: Any) -> None:
    root: Path = project()
    spec = root / "environments/dev/models/iris.yaml"
    for name in ("rose", "tulip", "aster"):
        (root / f"environments/dev/models/{name}.yaml").write_text(spec.read_text().replace("iris", name))
    opened = open_project(root, None, no_cache=True)
    for plan in plans(opened, Asked()):
        apply(plan, connections(root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
    assert repairs(opened, drift(opened, Asked())) == []

    files = {path.stem.rpartition("_")[2]: path for path in (root / "clusters/here/models").glob("*.yaml")}
    files["rose"].write_text(files["rose"].read_text().replace("maxReplicas: 3", "maxReplicas: 9"))
    files["tulip"].unlink()
    files["aster"].write_text(files["aster"].read_text().replace("maxReplicas: 3", "maxReplicas: 9"))
    (root / "environments/dev/models/aster.yaml").unlink()
    spec.write_text(spec.read_text().replace("max: 3", "max: 4"))
    opened = open_project(root, None, no_cache=True)
    (repair,) = repairs(opened, drift(opened, Asked()))
    changes = [(change.identity.name, change.action.value) for change in repair.targets[0].changes]
    assert changes == [("rose", "update"), ("tulip", "create")]
