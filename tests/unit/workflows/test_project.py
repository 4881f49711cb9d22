from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import FindingsError, MlgitopsError, SourceError
from mlgitops.sources.commit import Commit
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.project import choose_environments, environment_names, open_project

PROJECT = "apiVersion: mlgitops.dev/v1alpha1\nkind: Project\nmetadata:\n  name: shop\nspec:\n  environments: {}\n"
ENVIRONMENT = "apiVersion: mlgitops.dev/v1alpha1\nkind: Environment\nmetadata:\n  name: {}\nspec:\n  targets: [here]\n"


def environments(*names: str) -> dict[str, str]:
    return {f"environments/{name}/environment.yaml": ENVIRONMENT.format(name) for name in names}


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize(
    ("declared", "present", "names"),
    [
        ("[dev]", (), ["dev"]),
        ("[prod, dev]", ("prod",), ["prod", "dev"]),
        ("[dev, dev]", (), ["dev"]),
        ("[dev, prod]", (), ["dev", "prod"]),
        ("[dev]", ("zeta", "alpha"), ["dev", "alpha", "zeta"]),
        ("3", (), ["dev"]),
        ("[1, dev, '', [x]]", (), ["dev"]),
    ],
)
def test_environments_come_in_the_project_s_order_then_those_it_does_not_name(
    project: Any, declared: str, present: tuple[str, ...], names: list[str], cached: bool
) -> None:
    root = project({"mlgitops.yaml": PROJECT.format(declared), **environments(*present)})
    for _ in range(2):
        assert environment_names(open_project(root, None, no_cache=not cached)) == names


def test_only_some_environments_may_be_asked_for_and_they_stay_in_order(project: Any) -> None:
    opened = open_project(project({"mlgitops.yaml": PROJECT.format("[a, b, dev]")}), None)
    assert choose_environments(opened, ("dev", "a")) == ["a", "dev"]
    assert choose_environments(opened, ()) == ["a", "b", "dev"]


def test_an_environment_that_is_not_there_is_an_error_with_what_was_meant(project: Any) -> None:
    opened = open_project(project(), None)
    with pytest.raises(MlgitopsError, match="there is no environment 'dve'") as caught:
        choose_environments(opened, ("dev", "dve"))
    assert caught.value.help == "did you mean 'dev'? environments: dev"


def test_a_project_without_any_environment_is_refused_with_the_reason(project: Any) -> None:
    opened = open_project(project({"mlgitops.yaml": "a: [", **dict.fromkeys(environments("dev"))}), None)
    with pytest.raises(FindingsError) as caught:
        choose_environments(opened, ())
    assert {finding.code for finding in caught.value.findings} >= {"yaml-syntax"}


def test_a_project_is_found_from_within_and_a_revision_is_read_from_git(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root: Path = project()
    monkeypatch.chdir(root / "environments/dev")
    assert open_project(None, None).root == root.resolve()
    assert isinstance(open_project(None, None).source, WorkTree)
    for revision in ("HEAD", ""):
        with pytest.raises(SourceError):
            open_project(None, revision)


def test_a_commit_is_another_source(project: Any, git: Any) -> None:
    root: Path = project()
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "One")
    assert isinstance(open_project(root, "HEAD").source, Commit)


def test_the_cache_can_be_left_out(project: Any) -> None:
    assert open_project(project(), None, no_cache=True).cache is None
    assert open_project(project(), None).cache is not None


def test_a_folder_that_is_in_no_project_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no mlgitops\.yaml"):
        open_project(tmp_path, None)
