from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import FindingsError, MlgitopsError, StalePlanError
from mlgitops.plan.asked import Asked
from mlgitops.plan.serialise import dumps
from mlgitops.workflows import saved_plan
from mlgitops.workflows.plan import plans
from mlgitops.workflows.project import Opened, open_project
from mlgitops.workflows.saved_plan import read_plan

IRIS = "environments/dev/models/iris.yaml"


@pytest.fixture
def saved(project: Any, tmp_path: Path) -> tuple[Opened, Path]:
    """An open project and a file with its plan."""
    opened = open_project(project(), None, no_cache=True)
    (plan,) = plans(opened, Asked())
    path = tmp_path / "plan.json"
    path.write_bytes(dumps(plan))
    return opened, path


def test_a_plan_comes_back_as_it_was(saved: Any) -> None:
    opened, path = saved
    assert [read_plan(opened, path)] == plans(opened, Asked())


def test_a_plan_of_another_rendering_is_refused(saved: Any) -> None:
    opened, path = saved
    spec = opened.root / IRIS
    spec.write_text(spec.read_text().replace("max: 3", "max: 4"))
    with pytest.raises(StalePlanError, match="what the project renders to moved"):
        read_plan(open_project(opened.root, None, no_cache=True), path)


def test_a_plan_of_another_commit_is_refused(saved: Any, git: Any) -> None:
    opened, path = saved
    git(opened.root, "init", "--quiet")
    git(opened.root, "add", "--all")
    git(opened.root, "commit", "--quiet", "-m", "One")
    with pytest.raises(StalePlanError, match="the commit moved from none"):
        read_plan(open_project(opened.root, None, no_cache=True), path)


def test_a_plan_of_a_project_that_no_longer_validates_is_refused(saved: Any) -> None:
    opened, path = saved
    (opened.root / IRIS).write_text("a: [")
    with pytest.raises(FindingsError):
        read_plan(open_project(opened.root, None, no_cache=True), path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff", b'"x"', b'{"formatVersion":"99.0"}'])
def test_a_file_that_is_no_plan_is_an_error(saved: Any, content: bytes) -> None:
    opened, path = saved
    path.write_bytes(content)
    with pytest.raises(MlgitopsError):
        read_plan(opened, path)


def test_a_file_that_cannot_be_read_is_an_error(saved: Any, tmp_path: Path) -> None:
    opened, _ = saved
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(MlgitopsError, match="cannot be read"):
            read_plan(opened, path)


def test_a_file_that_is_too_large_is_not_read(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, path = saved
    monkeypatch.setattr(saved_plan, "LARGEST", 10)
    with pytest.raises(MlgitopsError, match="too large for a plan"):
        read_plan(opened, path)
