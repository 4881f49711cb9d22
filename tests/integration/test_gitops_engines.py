"""What docs/gitops-engines.md tells works as it says, with this repository's own environments."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.cli.main import exit_code

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/gitops-engines.md").read_text()


def run(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def with_connection(project: Path, connection: dict[str, Any]) -> None:
    """Gives the target aws-dev another connection."""
    path = project / "targets/aws-dev.yaml"
    target = yaml.safe_load(path.read_text())
    target["spec"]["connection"] = connection
    path.write_text(yaml.safe_dump(target))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of this repository's project, where aws-dev is a branch of the repository."""
    project = tmp_path / "project"
    for folder in ("environments", "models", "steps", "targets"):
        shutil.copytree(ROOT / folder, project / folder)
    shutil.copy(ROOT / "mlgitops.yaml", project)
    with_connection(project, {"git": {}})
    run(project, "init", "-q")
    run(project, "add", ".")
    run(project, "commit", "-q", "-m", "x")
    monkeypatch.chdir(project)
    return project


def documented(word: str) -> list[list[str]]:
    """The page's commands that have a word in them, without the name of the program."""
    commands = re.findall(r"^\$ mlgitops (.*)$", PAGE, re.MULTILINE)
    return [shlex.split(command) for command in commands if word in command]


def test_the_documented_connection_is_valid(project: Path) -> None:
    (snippet,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    with_connection(project, yaml.safe_load(snippet)["connection"])
    assert exit_code(["validate"]) == 0


def test_plan_apply_and_drift_of_a_branch(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands = documented("--target")
    assert [command[0] for command in commands] == ["plan", "apply", "drift"]
    assert [exit_code(command) for command in commands] == [0, 0, 0]
    assert "No drift" in capsys.readouterr().out
    message = run(project, "log", "-1", "--format=%B", "deploy/dev/aws-dev")
    assert f"Source-Commit: {run(project, 'rev-parse', 'HEAD')}" in message
    assert message.splitlines()[0] == f"Deploy dev on aws-dev from {run(project, 'rev-parse', '--short=12', 'HEAD')}"
    assert run(project, "status", "--porcelain") == ""
    capsys.readouterr()
    assert exit_code(commands[0]) == 0
    assert "No changes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("engine", "kinds"), [("argocd", ["Application"]), ("flux", ["GitRepository", "Kustomization"])]
)
def test_what_bootstraps_an_engine(
    project: Path, capsys: pytest.CaptureFixture[str], engine: str, kinds: list[str]
) -> None:
    (command,) = documented(engine)
    assert exit_code(command) == 1
    assert "has no remote 'origin'" in capsys.readouterr().err
    run(project, "remote", "add", "origin", "https://me:hunter2@git.example.com/ml/models.git")
    assert exit_code(command) == 0
    printed = capsys.readouterr().out
    assert "hunter2" not in printed
    manifests = list(yaml.safe_load_all(printed))
    assert [manifest["kind"] for manifest in manifests] == kinds
    assert "https://git.example.com/ml/models.git" in manifests[0]["spec"].get("source", manifests[0]["spec"]).values()


def test_an_engine_needs_a_target_that_is_a_branch_it_can_reach(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["render", "--env", "prod", "--bootstrap", "flux"]) == 1
    assert "none of these targets is a branch" in capsys.readouterr().err
    with_connection(project, {"git": {"repository": "../deploy.git"}})
    assert exit_code(["render", "--env", "dev", "--bootstrap", "flux"]) == 1
    assert "is on this machine only" in capsys.readouterr().err
