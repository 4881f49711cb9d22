"""What tests of the command line share: running it within this process, and looking at everything in a folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlgitops.cli.main import exit_code


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]
Tree = Callable[[Path], Mapping[str, bytes]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run(root, "plan", "--env", "dev")``: the command, in that folder, with nobody at a terminal."""
    for name in [name for name in os.environ if name.startswith("MLGITOPS_") and name != "MLGITOPS_KUSTOMIZE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")
    # What is a fault of ours is to fail the test with its traceback.
    monkeypatch.setenv("MLGITOPS_DEBUG", "1")

    def ran(root: Path, *arguments: str) -> Ran:
        monkeypatch.chdir(root)
        capsys.readouterr()
        code = exit_code(list(arguments))
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.fixture
def tree() -> Tree:
    """Every file below a folder by its path, Git's own apart; folders count too."""

    def contents(root: Path) -> Mapping[str, bytes]:
        paths = (path for path in sorted(root.rglob("*")) if ".git" not in path.parts)
        return {
            path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else b"a folder" for path in paths
        }

    return contents


@pytest.fixture
def git() -> Callable[..., str]:
    """``git(root, "add", "--all")``: a real Git, and what it printed."""

    def ran(root: Path, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return ran


@pytest.fixture
def commit(git: Callable[..., str]) -> Callable[..., str]:
    """``commit(root)``: everything in the folder as a commit of its own repository; gives its id."""

    def committed(root: Path) -> str:
        if not (root / ".git").exists():
            git(root, "init", "--quiet")
            (root / ".gitignore").write_text("clusters/\n*.json\n")
        git(root, "add", "--all")
        git(root, "commit", "--quiet", "--allow-empty", "-m", "A change")
        return git(root, "rev-parse", "HEAD")

    return committed
