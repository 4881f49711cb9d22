from __future__ import annotations

from pathlib import Path

import pytest

from mlgitops.controller import goals as goals_module
from mlgitops.controller.goals import Chosen, Goals, goals, why
from mlgitops.controller.state import Key
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.finding import Finding, Location
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.project import Opened
from tests.conftest import PROJECT_FILES, ProjectFactory
from tests.testbed import fleet

ENVIRONMENT = PROJECT_FILES["environments/dev/environment.yaml"]
MODEL = PROJECT_FILES["environments/dev/models/iris.yaml"]


def read(root: Path, before: Goals | None = None, chosen: Chosen | None = None) -> Goals:
    return goals(Opened(root, WorkTree(root), None), chosen or Chosen(), before or Goals())


def write(root: Path, name: str, content: str) -> None:
    (root / name).write_text(content)


def test_each_target_has_what_it_is_to_be_and_how_it_gets_there(project: ProjectFactory) -> None:
    root = project(fleet.files())
    found = read(root)
    assert list(found.targets) == [Key("dev", name) for name in fleet.TARGETS]
    goal = found.targets[Key("dev", "there")]
    assert ([one.target for one in goal.rendering.targets], goal.target.target) == (["there"], "there")
    assert {manifest["kind"] for manifest in goal.target.manifests} >= {"InferenceService"}
    assert (goal.policy.reconcile.mode, goal.policy.targets) == ("auto", fleet.TARGETS)


def test_a_goal_moves_with_its_content_and_with_the_policy_and_the_environments_with_the_content_alone(
    project: ProjectFactory,
) -> None:
    root, key = project(), Key("dev", "here")
    first = read(root)
    write(root, "environments/dev/environment.yaml", ENVIRONMENT + "  reconcile: {mode: report}\n")
    report = read(root)
    write(root, "environments/dev/models/iris.yaml", MODEL.replace('"1.0"', '"2.0"'))
    changed = read(root)
    assert len({one.targets[key].digest for one in (first, report, changed)}) == 3
    assert first.digests == report.digests != changed.digests


def test_what_did_not_change_is_not_held_twice(project: ProjectFactory) -> None:
    root, key = project(), Key("dev", "here")
    first = read(root)
    write(root, "environments/dev/models/iris.yaml", MODEL + "# nothing new\n")
    second = read(root, first)
    assert second.targets[key].target.manifests is first.targets[key].target.manifests
    write(root, "environments/dev/models/iris.yaml", MODEL.replace('"1.0"', '"2.0"'))
    assert read(root, second).targets[key].target.manifests is not first.targets[key].target.manifests


def test_an_environment_that_is_wrong_is_broken_alone(project: ProjectFactory) -> None:
    prod = {
        "mlgitops.yaml": PROJECT_FILES["mlgitops.yaml"].replace("[dev]", "[dev, prod]"),
        "environments/prod/environment.yaml": ENVIRONMENT.replace("name: dev", "name: prod"),
        "environments/prod/models/iris.yaml": MODEL.replace("format: sklearn", "fromat: sklearn"),
    }
    found = read(project(prod))
    assert list(found.targets) == [Key("dev", "here")]
    assert set(found.digests) == {"dev"}
    assert found.broken["prod"].startswith("environments/prod/models/iris.yaml:11:5: ")


def test_only_what_was_chosen_is_there(project: ProjectFactory) -> None:
    root = project(fleet.files())
    assert list(read(root, chosen=Chosen(("dev",), ("yonder",))).targets) == [Key("dev", "yonder")]
    with pytest.raises(MlgitopsError, match="there is no environment 'prod'"):
        read(root, chosen=Chosen(("prod",)))


def test_of_targets_that_nobody_looks_after_nothing_is_worked_out(
    project: ProjectFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, chosen = project(fleet.files()), Chosen(("dev",), ("yonder",))
    first = read(root, chosen=chosen)
    assert [target.target for target in first.made["dev"].rendering.targets] == ["yonder"]
    write(
        root, "environments/dev/models/iris.yaml", (root / "environments/dev/models/iris.yaml").read_text() + "# new\n"
    )
    monkeypatch.setattr(goals_module, "content_digest", lambda _: pytest.fail("it is known"))
    second = read(root, first, chosen)
    assert second.targets[Key("dev", "yonder")].target is first.targets[Key("dev", "yonder")].target
    assert second.digests == first.digests


def test_of_many_findings_the_first_is_told_and_the_others_counted() -> None:
    found = [Finding("a", "it is wrong", Location("models/a.yaml", 3, 1)), Finding("b", "so is it", Location("b.yaml"))]
    assert why(FindingsError(found)) == "models/a.yaml:3:1: it is wrong, and 1 more"
    assert why(MlgitopsError("no", "yes")) == "no. yes"
