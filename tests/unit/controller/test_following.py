from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.controller.following import Following
from mlgitops.controller.goals import Goals
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import Key
from mlgitops.errors import MlgitopsError, ToolError
from mlgitops.workflows.render import make
from tests.conftest import ProjectFactory

Git = Callable[..., str]


@pytest.fixture
def following(project: ProjectFactory, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Following:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = project()
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "One")
    return Following(Settings(str(root), tmp_path / "state"))


def failing_once(monkeypatch: pytest.MonkeyPatch, error: MlgitopsError) -> list[int]:
    """Rendering fails the first time; how often it was tried."""
    tried: list[int] = []

    def made(*arguments: Any) -> Any:
        tried.append(1)
        if len(tried) == 1:
            raise error
        return make(*arguments)

    monkeypatch.setattr("mlgitops.controller.goals.make", made)
    return tried


def test_what_failed_for_a_reason_that_may_pass_is_tried_again_at_the_same_commit(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_once(monkeypatch, ToolError("kustomize took too long"))
    first = following.follow(Goals()).goals
    assert (dict(first.broken), dict(first.targets)) == ({"dev": "kustomize took too long"}, {})
    second = following.follow(first).goals
    assert (second.commit, dict(second.broken), list(second.targets)) == (first.commit, {}, [Key("dev", "here")])
    assert following.follow(second).goals is second


def test_what_is_wrong_in_git_waits_for_another_commit(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlgitops.errors import FindingsError
    from mlgitops.finding import Finding, Location

    tried = failing_once(monkeypatch, FindingsError([Finding("x", "wrong", Location("mlgitops.yaml"))]))
    first = following.follow(Goals()).goals
    assert following.follow(first).goals is first
    assert tried == [1]
