"""A project whose forge is a bare repository, a pull request that waits there, and a checkout as a job has one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlgitops.forges.local import LocalForge

FORGE = "  forge:\n    kind: local\n    url: ../origin.git\n"
BRANCH = "promote/prod/iris"
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Ran:
    """How a script ended and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Checkout:
    """What a job finds: a clone at a commit, and variables that its system sets."""

    root: Path
    bare: Path

    @property
    def forge(self) -> LocalForge:
        return LocalForge(self.bare, "main")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def shell(self, script: str, variables: Mapping[str, str], at: Path | None = None, shell: str = "bash") -> Ran:
        """Runs a job's script as a system does, with these variables, and this mlgitops first on PATH."""
        settings = {**os.environ, "MLGITOPS_DEBUG": "1", "PATH": f"{PROGRAMS}:{os.environ['PATH']}", **variables}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"] if shell == "bash" else ["sh", "-e", "-c"]
        done = subprocess.run(
            [*command, script], cwd=at or self.root, env=settings, capture_output=True, text=True, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def write(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new))


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def main(project: Callable[..., Path], tmp_path: Path) -> Checkout:
    """The branch main: iris runs 2.0 in dev, 1.0 in prod, and nothing was applied yet."""
    files = {path.relative_to(root).as_posix(): path.read_text() for root in [project(name="one")]
             for path in root.rglob("*.yaml")}  # fmt: skip
    model, environment = files["environments/dev/models/iris.yaml"], files["environments/dev/environment.yaml"]
    root = project({
        "mlgitops.yaml": files["mlgitops.yaml"].replace("[dev]", "[dev, prod]") + FORGE,
        "targets/there.yaml": files["targets/here.yaml"].replace("here", "there"),
        "environments/prod/environment.yaml": environment.replace("name: dev", "name: prod").replace("here", "there"),
        "environments/dev/models/iris.yaml": model.replace("1.0", "2.0"),
        "environments/prod/models/iris.yaml": model,
        ".gitignore": "clusters/\nmlgitops-reports/\n",
    })  # fmt: skip
    bare = tmp_path / "origin.git"
    _git(tmp_path, "init", "--quiet", "--bare", str(bare))
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "The beginning"],
                      ["remote", "add", "origin", str(bare)], ["push", "--quiet", "origin", "HEAD:main"],
                      ["fetch", "--quiet", "origin"]):  # fmt: skip
        _git(root, *arguments)
    return Checkout(root, bare)


@pytest.fixture
def pull(main: Checkout, tmp_path: Path) -> Checkout:
    """Pull request 1, which promotes iris to prod, in a clone of its own."""
    ran = main.shell("mlgitops promote iris --to prod", {})
    assert ran.code == 0, ran.err
    _git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(main.bare), str(tmp_path / "clone"))
    return Checkout(tmp_path / "clone", main.bare)
