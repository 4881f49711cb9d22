from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgitops import __version__
from mlgitops.errors import FindingsError, MlgitopsError, TargetError
from mlgitops.plan.asked import Asked
from mlgitops.plan.change import Action, Plan
from mlgitops.plan.guards import Consent
from mlgitops.workflows.apply import apply
from mlgitops.workflows.diff import diffs
from mlgitops.workflows.plan import connections, plans
from mlgitops.workflows.project import open_project
from tests.testbed import fleet

IRIS = "environments/dev/models/iris.yaml"
HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {}\nmetadata:\n  name: {}\nspec:\n"
TIME = "2026-01-01T00:00:00Z"
ALL = Asked()
ANYTHING = Consent(allow_mass_delete=True)


def planned(root: Path, asked: Asked = ALL) -> list[Plan]:
    return plans(open_project(root, None, no_cache=True), asked)


def applied(root: Path, asked: Asked = ALL) -> None:
    for plan in planned(root, asked):
        assert apply(plan, connections(root, plan), lambda: TIME, lambda change: None).succeeded


def actions(root: Path, asked: Asked = ALL) -> list[tuple[str, str]]:
    changes = [change for plan in planned(root, asked) for target in plan.targets for change in target.changes]
    return [(change.identity.name, change.action.value) for change in changes]


def test_a_plan_says_from_what_it_was_made(project: Any) -> None:
    (plan,) = planned(project())
    assert (plan.project, plan.environment, plan.commit, plan.version) == ("shop", "dev", "", __version__)
    assert (plan.selection, plan.left_out) == ((), 0)
    assert plan.rendered_digest.startswith("sha256:")
    assert [dict(target.connection) for target in plan.targets] == [{"directory": {"path": "clusters/here"}}]


def test_planning_writes_nothing(project: Any) -> None:
    root = project()
    before = sorted(root.rglob("*"))
    planned(root)
    assert sorted(root.rglob("*")) == before


def test_what_is_new_changed_and_gone_is_told_apart(project: Any) -> None:
    root = project()
    text = (root / IRIS).read_text()
    for name in ("rose", "tulip"):
        (root / f"environments/dev/models/{name}.yaml").write_text(text.replace("iris", name))
    applied(root)
    assert {action for _, action in actions(root)} == {"unchanged"}
    (root / IRIS).write_text(text.replace("max: 3", "max: 4"))
    (root / "environments/dev/models/rose.yaml").unlink()
    (root / "environments/dev/models/aster.yaml").write_text(text.replace("iris", "aster"))
    assert actions(root) == [("aster", "create"), ("iris", "update"), ("rose", "delete"), ("tulip", "unchanged")]


def test_a_selection_is_in_the_plan_and_the_rest_is_counted(project: Any) -> None:
    root = project()
    (root / "environments/dev/models/rose.yaml").write_text((root / IRIS).read_text().replace("iris", "rose"))
    (plan,) = planned(root, Asked(models=("rose",)))
    assert (plan.selection, plan.left_out) == (("--model rose",), 1)
    assert actions(root, Asked(models=("rose",))) == [("rose", "create")]
    with pytest.raises(MlgitopsError, match="there is no target 'x'"):
        planned(root, Asked(targets=("x",)))


def test_environments_are_planned_in_the_project_s_order(project: Any) -> None:
    prod = {
        "mlgitops.yaml": HEAD.format("Project", "shop") + "  environments: [prod, dev]\n",
        "environments/prod/environment.yaml": HEAD.format("Environment", "prod") + "  targets: [here]\n",
    }
    assert [plan.environment for plan in planned(project(prod))] == ["prod", "dev"]
    assert [plan.environment for plan in planned(project(prod), Asked(environments=("dev",)))] == ["dev"]


def test_a_wrong_spec_makes_no_plan(project: Any) -> None:
    with pytest.raises(FindingsError):
        planned(project({IRIS: "a: ["}))


@pytest.fixture
def unread(project: Any) -> Path:
    """Three targets, one of which cannot be read."""
    root: Path = project(fleet.files())
    fleet.damage(root, "there")
    return root


def test_a_target_that_cannot_be_read_says_so_in_the_plan_of_the_others(unread: Path) -> None:
    (plan,) = planned(unread)
    here, there, yonder = plan.targets
    assert [len(target.pending) for target in plan.targets] == [1, 0, 1]
    assert (here.error, yonder.error) == ("", "")
    assert "is corrupt" in there.error
    assert "mlgitops inventory rebuild --env dev --target there" in there.error
    assert (plan.unread, plan.is_empty, plan.has_work) == ((there,), False, True)
    assert sorted(connections(unread, plan)) == ["here", "yonder"]


def test_a_plan_is_not_called_done_where_a_target_could_not_be_read(unread: Path) -> None:
    (plan,) = planned(unread)
    apply(plan, connections(unread, plan), lambda: TIME, lambda change: None)
    (again,) = planned(unread)
    assert (again.is_empty, again.has_work, len(again.unread)) == (False, False, 1)


def test_the_only_target_that_cannot_be_read_is_an_error(unread: Path) -> None:
    with pytest.raises(TargetError, match="is corrupt"):
        planned(unread, Asked(targets=("there",)))
    with pytest.raises(TargetError, match="is corrupt"):
        planned(unread, Asked(targets=("there",), models=("iris",)))


def test_a_model_that_is_only_applied_is_found_although_a_target_cannot_be_read(unread: Path) -> None:
    (plan,) = planned(unread)
    apply(plan, connections(unread, plan), lambda: TIME, lambda change: None)
    (unread / IRIS).unlink()
    assert actions(unread, Asked(models=("iris",))) == [("iris", "delete"), ("iris", "delete")]
    with pytest.raises(MlgitopsError, match="there is no model 'rose'") as refused:
        planned(unread, Asked(models=("rose",)))
    assert refused.value.help.endswith("; what was applied to there could not be read")


def test_a_diff_leaves_out_what_could_not_be_read(unread: Path) -> None:
    found = diffs(open_project(unread, None), planned(unread))
    assert [one.target for one in found] == ["here", "yonder"]


def test_a_diff_has_the_manifests_before_and_after(project: Any) -> None:
    root = project()
    text = (root / IRIS).read_text()
    (root / "environments/dev/models/rose.yaml").write_text(text.replace("iris", "rose"))
    applied(root)
    assert diffs(open_project(root, None), planned(root)) == []
    (root / "environments/dev/models/rose.yaml").rename(root / "environments/dev/models/aster.yaml")
    (root / "environments/dev/models/aster.yaml").write_text(text.replace("iris", "aster"))
    (root / IRIS).write_text(text.replace("max: 3", "max: 4"))
    found = {one.identity.name: one for one in diffs(open_project(root, None), planned(root))}
    assert sorted(found) == ["aster", "iris", "rose"]
    assert (found["aster"].before, found["rose"].after) == (None, None)
    replicas = [one["spec"]["predictor"]["maxReplicas"] for one in (found["iris"].before, found["iris"].after) if one]
    assert replicas == [3, 4]
    assert (found["iris"].environment, found["iris"].target) == ("dev", "here")


MODELS = st.dictionaries(
    st.sampled_from(["iris", "rose", "tulip"]),
    st.fixed_dictionaries(
        {
            "min": st.integers(0, 3).map(lambda number: max(1, number)),
            "max": st.integers(3, 5),
            "timeout": st.sampled_from(["1s", "90s", "1m30s", "1h"]),
            "cpu": st.sampled_from(['"1"', "500m", "0.5", "1.50", '"1000m"']),
            "memory": st.sampled_from(["1Gi", "1024Mi", '"1073741824"', "1.5Gi"]),
            "version": st.sampled_from(['"1.0"', '"1e3"', '"010"', '"true"', '"12345e6"', '"2024-11-24"']),
            "owner": st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20),
        }
    ),
)


def spec(name: str, values: dict[str, Any]) -> str:
    owner = values["owner"].replace("\\", "\\\\").replace('"', '\\"')
    return HEAD.format("Model", name) + (
        f"  release:\n    version: {values['version']}\n    artifact:\n      uri: s3://models/{name}\n"
        f"  serving:\n    format: sklearn\n    timeout: {values['timeout']}\n"
        f"    resources:\n      cpu: {values['cpu']}\n      memory: {values['memory']}\n"
        f"    scaling:\n      min: {values['min']}\n      max: {values['max']}\n"
        f'  governance:\n    owner: "{owner}"\n'
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MODELS, MODELS)
def test_after_an_apply_of_anything_over_anything_nothing_is_left_to_do(
    project: Any, first: dict[str, Any], second: dict[str, Any]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = shutil.copytree(project({IRIS: None}), Path(folder, "shop"))
        for models in (first, second):
            shutil.rmtree(root / "environments/dev/models", ignore_errors=True)
            (root / "environments/dev/models").mkdir(parents=True)
            for name, values in models.items():
                (root / f"environments/dev/models/{name}.yaml").write_text(spec(name, values))
            for plan in planned(root):
                outcome = apply(plan, connections(root, plan), lambda: TIME, lambda change: None, ANYTHING)
                assert outcome.succeeded
            assert all(plan.is_empty for plan in planned(root))
            assert {name for name, action in actions(root) if action == Action.UNCHANGED} == set(models)
