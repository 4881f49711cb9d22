"""``doctor`` on a project of files: every check that is not well says what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FORGE = "  forge:\n    kind: local\n    url: ../shop.git\n"


def found(run: Callable[..., Any], root: Path, *arguments: str) -> tuple[int, dict[tuple[str, str], dict[str, str]]]:
    ran = run(root, "doctor", "-o", "json", *arguments)
    data = json.loads(ran.out)
    assert data["formatVersion"] == "1.0"
    assert data["broken"] is (ran.code == 1)
    assert all(check["cure"] for check in data["checks"] if check["condition"] != "ok")
    return ran.code, {(check["topic"], check["name"]): check for check in data["checks"]}


def test_a_project_of_files_is_well_but_for_its_forge(run: Callable[..., Any], project: Callable[..., Path]) -> None:
    code, checks = found(run, project())
    assert code == 0
    assert checks["forge", "branch"]["condition"] == "warning"
    assert checks["target dev/here", "rights"]["condition"] == "ok"


def test_a_local_forge_is_looked_at(
    run: Callable[..., Any], project: Callable[..., Path], git: Callable[..., str], commit: Callable[..., str]
) -> None:
    root = project()
    (root / "mlgitops.yaml").write_text((root / "mlgitops.yaml").read_text() + FORGE)
    commit(root)
    code, checks = found(run, root)
    assert (code, checks["forge", "branch"]["condition"]) == (1, "broken")
    assert "git init --bare" in checks["forge", "branch"]["cure"]
    git(root.parent, "init", "--quiet", "--bare", "shop.git")
    git(root, "push", "--quiet", "../shop.git", "HEAD:main")
    code, checks = found(run, root)
    assert (code, checks["forge", "branch"]["condition"]) == (0, "ok")


def test_specs_with_errors_are_broken_and_their_targets_are_said_not_to_be_looked_at(
    run: Callable[..., Any], project: Callable[..., Path]
) -> None:
    root = project({"environments/dev/models/iris.yaml": "kind: Model\n"})
    code, checks = found(run, root)
    assert code == 1
    assert checks["project", "specs"]["condition"] == "broken"
    assert "validate --env dev" in checks["project", "dev"]["cure"]
    assert not [topic for topic, _ in checks if topic.startswith("target")]


def test_a_kustomize_that_is_not_there_is_a_warning(
    run: Callable[..., Any], project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLGITOPS_KUSTOMIZE", "/nowhere")
    code, checks = found(run, project())
    assert (code, checks["tools", "kustomize"]["condition"]) == (0, "warning")


def test_text_shows_each_topic_once_and_counts(run: Callable[..., Any], project: Callable[..., Path]) -> None:
    lines = run(project(), "doctor").out.splitlines()
    assert [line for line in lines if line and not line.startswith(" ")] == [
        "tools", "project", "forge", "target dev/here", "7 checks: 1 with a warning.",
    ]  # fmt: skip
    assert any(line.strip().startswith("help: Add spec.forge") for line in lines)


def test_an_environment_that_is_not_there_is_an_error(run: Callable[..., Any], project: Callable[..., Path]) -> None:
    ran = run(project(), "doctor", "--env", "prd")
    assert (ran.code, "there is no environment 'prd'" in ran.err) == (1, True)


def test_whom_git_knows_is_told_and_nobody_is_a_warning(
    run: Callable[..., Any], project: Callable[..., Path], commit: Callable[..., str], home: Path
) -> None:
    root = project()
    commit(root)
    assert found(run, root)[1]["tools", "author"]["said"] == "Test <test@example.com>"
    (home / ".gitconfig").unlink()
    code, checks = found(run, root)
    assert (code, checks["tools", "author"]["condition"]) == (0, "warning")
    assert "user.email" in checks["tools", "author"]["cure"]
