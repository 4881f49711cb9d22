"""The hooks that this repository publishes, run by a real pre-commit in a project of somebody else's.

pre-commit would install mlgitops into an environment of its own; here the hooks take the one that is being tested.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.integration

HOOKS = Path(__file__).parents[3] / ".pre-commit-hooks.yaml"
PROGRAMS = Path(sys.executable).parent
MODEL = "environments/dev/models/iris.yaml"


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


def committed(root: Path) -> Path:
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "The beginning")
    return root


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """This repository as pre-commit sees it: a manifest of hooks at a commit."""
    root = tmp_path / "published"
    root.mkdir()
    (root / HOOKS.name).write_text(HOOKS.read_text().replace("language: python", "language: system"))
    return committed(root)


@pytest.fixture
def hook(project: Callable[..., Path], published: Path) -> Callable[..., tuple[int, str, Path]]:
    """``hook("mlgitops-validate", path, edit)``: how the hook ends, what it says, the project."""

    def ran(name: str, changed: str, edit: Callable[[str], str] = str) -> tuple[int, str, Path]:
        root = committed(project())
        file = root / changed
        file.write_text(edit(file.read_text() if file.exists() else ""))
        git(root, "add", "--all")
        command = [sys.executable, "-m", "pre_commit", "try-repo", str(published), name, "--files", changed]
        settings = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "PRE_COMMIT_COLOR": "never"}
        done = subprocess.run(command, cwd=root, env=settings, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr, root

    return ran


def test_the_manifest_is_one_that_pre_commit_takes() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert {hook["id"] for hook in yaml.safe_load(HOOKS.read_text())} == {"mlgitops-validate", "mlgitops-fmt"}


def test_a_spec_that_is_wrong_is_not_committed(hook: Callable[..., tuple[int, str, Path]]) -> None:
    code, said, _ = hook("mlgitops-validate", MODEL, lambda text: text.replace("max: 3", "max: 0"))
    assert code == 1, said
    assert "scaling.max" in said


@pytest.mark.parametrize("name", ["mlgitops-validate", "mlgitops-fmt"])
def test_a_spec_that_is_right_passes(name: str, hook: Callable[..., tuple[int, str, Path]]) -> None:
    code, said, _ = hook(name, MODEL, lambda text: text.replace("max: 3", "max: 4"))
    assert code == 0, said
    assert "Passed" in said


def test_a_spec_that_is_not_written_in_the_one_form_is_named_and_left_alone(
    hook: Callable[..., tuple[int, str, Path]],
) -> None:
    code, said, root = hook("mlgitops-fmt", MODEL, lambda text: text.replace("      max: 3", "          max: 3"))
    assert code == 1, said
    assert MODEL in said
    assert "          max: 3" in (root / MODEL).read_text()


@pytest.mark.parametrize("name", ["mlgitops-validate", "mlgitops-fmt"])
def test_what_is_no_spec_runs_no_hook(name: str, hook: Callable[..., tuple[int, str, Path]]) -> None:
    code, said, _ = hook(name, "README.md")
    assert code == 0, said
    assert "no files to check" in said
