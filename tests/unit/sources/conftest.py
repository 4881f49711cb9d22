"""What tests of sources share: real folders and real Git repositories."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The root of a small project, with a sibling folder whose name begins alike and that must never be read."""
    root = tmp_path / "project"
    for path, content in {
        "mlgitops.yaml": "kind: Project\n",
        "targets/aws.yaml": "kind: Target\n",
        "models/fraud.yaml": "kind: Model\n",
        "environments/dev/environment.yaml": "kind: Environment\n",
        "environments/dev/models/fraud.yaml": "kind: Model\nx: 1\n",
        "README.md": "not read\n",
        "src/models/x.yaml": "not read\n",
    }.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (tmp_path / "project-evil" / "models").mkdir(parents=True)
    (tmp_path / "project-evil" / "models" / "secret.yaml").write_text("canary\n")
    return root


@pytest.fixture
def git(project: Path) -> Git:
    """``git("add", ".")`` runs Git in the project, which is a repository."""

    def run(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=project, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    run("init", "--quiet")
    return run


@pytest.fixture
def commit(git: Git) -> Callable[[], str]:
    """Commits everything and gives the commit's id."""

    def all_files() -> str:
        git("add", "--all", "--force")
        git("commit", "--quiet", "--message", "x")
        return git("rev-parse", "HEAD")

    return all_files
