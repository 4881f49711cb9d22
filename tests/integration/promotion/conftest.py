"""A project of three environments whose forge is a real bare repository beside it, and ways to work with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from mlgitops.cli.main import exit_code
from mlgitops.forges.local import LocalForge
from tests.conftest import home_variables
from tests.testbed.command import Command

ENVIRONMENTS = ("dev", "staging", "prod")
PROJECT = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Project
metadata:
  name: shop
spec:
  environments: [dev, staging, prod]
  forge:
    kind: local
    url: ../origin.git
"""
TARGET = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata:
  name: {environment}-here
spec:
  cloud: onprem
  connection:
    directory:
      path: clusters/{environment}
  components:
    kserve: "0.16.0"
"""
ENVIRONMENT = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Environment
metadata:
  name: {environment}
spec:
  targets: [{environment}-here]
  policy:
    rules:
      release-digest-missing: "off"
      deprecated-without-successor: "off"
"""
MODEL = """\
# {environment}'s own remark
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata:
  name: {name}
spec:
  release:
    version: "{version}" # {environment}
    artifact:
      uri: s3://models/{name}/{version}
  serving:
    format:   sklearn   # odd   blanks
    runtime: kserve-sklearnserver
    scaling:
      max: 3
  monitoring:
    metrics: false
  governance:
    owner: 'shop@example.com'
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


class Shop:
    """The project, its forge, and everybody who works with them."""

    def __init__(self, root: Path, capture: Callable[[], tuple[str, str]]) -> None:
        self.root = root
        self.bare = root.parent / "origin.git"
        self._capture = capture

    @property
    def forge(self) -> LocalForge:
        return LocalForge(self.bare, "main")

    def git(self, *arguments: str, at: Path | None = None) -> str:
        done = subprocess.run(["git", *arguments], cwd=at or self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def run(self, *arguments: str) -> Ran:
        """The command within this process."""
        self._capture()
        code = exit_code(list(arguments))
        return Ran(code, *self._capture())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlgitops", *arguments], cwd=self.root, env={**os.environ},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def beside(self, *arguments: str) -> Command:
        """The same, sooner, for what ends by itself."""
        said = self.root.parent / "said" / uuid4().hex
        said.mkdir(parents=True)
        return Command(arguments, self.root, os.environ, said)

    def commit(self, files: Mapping[str, str | None], message: str = "A change") -> str:
        """A direct commit to the protected branch; None removes a file."""
        self.pull()
        for path, content in files.items():
            if content is None:
                (self.root / path).unlink()
                continue
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        self.git("push", "--quiet", str(self.bare), "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def pull(self) -> None:
        self.git("fetch", "--quiet", str(self.bare), "main")
        self.git("reset", "--quiet", "--hard", "FETCH_HEAD")

    def open_pulls(self) -> list[str]:
        """The branches of open pull requests."""
        names = self.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", at=self.bare).splitlines()
        return [name for name in names if name != "main" and self.forge.find(name)]

    def merge(self, branch: str) -> str:
        """Merges the open pull request of a branch; the merge commit."""
        pull = self.forge.find(branch)
        assert pull is not None, branch
        return self.forge.merge(pull.number, pull.head_commit).merge_commit

    def promoted(self, *arguments: str) -> str:
        """Runs a verb that opens a pull request and merges it; the merge commit."""
        before = self._branches()
        ran = self.run(*arguments)
        assert ran.code == 0, ran.err
        ((branch, _),) = self._branches() - before
        return self.merge(branch)

    def _branches(self) -> set[tuple[str, ...]]:
        """Each branch of the forge and the commit that it is at."""
        listed = self.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads", at=self.bare)
        return {tuple(line.split()) for line in listed.splitlines()}

    def file(self, path: str, revision: str = "main") -> str:
        """A file as the bare repository has it."""
        done = subprocess.run(["git", "show", f"{revision}:{path}"], cwd=self.bare, check=True, capture_output=True)
        return done.stdout.decode()


def model(environment: str, version: str, name: str = "iris") -> str:
    return MODEL.format(environment=environment, version=version, name=name)


@pytest.fixture
def model_text() -> Callable[..., str]:
    """``model_text("dev", "2.0", "iris")``: a model's file."""
    return model


@pytest.fixture
def evidence_text() -> Callable[..., str]:
    """``evidence_text(0.9, "a")``: an evidence file of iris 2.0 with an accuracy, measured on some data."""

    def make(accuracy: float, data: str = "a") -> str:
        evidence = {
            "formatVersion": "mlgitops.dev/evidence/v1", "model": "iris", "version": "2.0",
            "dataDigest": f"sha256:{data * 64}", "createdAt": "2026-01-01T00:00:00Z", "parameters": {"depth": "3"},
            "metrics": [{"name": "accuracy", "value": accuracy}],
        }  # fmt: skip
        return json.dumps(evidence)

    return make


@pytest.fixture(scope="session")
def shop_begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and its forge, as each test finds them."""
    root = tmp_path_factory.mktemp("begun") / "shop"
    files = {"mlgitops.yaml": PROJECT, ".gitignore": "clusters/\n"}
    for environment in ENVIRONMENTS:
        files[f"targets/{environment}-here.yaml"] = TARGET.format(environment=environment)
        files[f"environments/{environment}/environment.yaml"] = ENVIRONMENT.format(environment=environment)
        version = "2.0" if environment == "dev" else "1.0"
        files[f"environments/{environment}/models/iris.yaml"] = model(environment, version)
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    variables = {**os.environ, **home_variables(tmp_path_factory.mktemp("home"), "")}
    for arguments in (
        ["init", "--quiet", "--bare", "../origin.git"],
        ["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "-m", "The beginning"],
        ["push", "--quiet", "../origin.git", "main"],
    ):  # fmt: skip
        subprocess.run(["git", *arguments], cwd=root, env=variables, check=True)
    return root.parent


@pytest.fixture
def shop(shop_begun: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Iris runs 2.0 in dev, 1.0 in staging and prod."""
    shutil.copytree(shop_begun, tmp_path, dirs_exist_ok=True)
    root = tmp_path / "shop"
    monkeypatch.chdir(root)
    monkeypatch.setenv("MLGITOPS_DEBUG", "1")
    return Shop(root, lambda: tuple(capsys.readouterr()))  # type: ignore[arg-type, return-value]
