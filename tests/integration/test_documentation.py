"""Every command that the documentation shows is run, on a copy of this repository's project, and ends as it says.

The convention of tests/testbed/documented.py holds. docs/lifecycle.md is run by tests/integration/lifecycle, since it
needs a forge and a controller.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.control_plane import ControlPlane
from tests.testbed.documented import Shown, Written, steps

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "mlgitops.yaml", "targets", "models", "environments", "steps", "examples", "schemas", "docs/catalogue",
    ".gitignore",
)  # fmt: skip
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        *sorted((ROOT / "docs/migration").glob("*.md")),
        ROOT / "docs/catalogue/README.md",
    )
]
NOT_RUN = ("make",)
"""Programs that are not run: each would set the checkout up anew."""
ELSEWHERE = ("docs/lifecycle.md",)
"""Pages that another test runs."""


def a_branch_as_target(root: Path) -> None:
    """What docs/gitops-engines.md tells the reader to change in targets/aws-dev.yaml."""
    target = root / "targets/aws-dev.yaml"
    directory = "    directory:\n      path: clusters/aws-dev\n"
    text = target.read_text()
    assert directory in text
    target.write_text(text.replace(directory, "    git: {}\n"))


def a_local_forge(root: Path) -> None:
    """What docs/promotion.md tells the reader to add to mlgitops.yaml."""
    project = root / "mlgitops.yaml"
    project.write_text(project.read_text() + "\n  forge:\n    kind: local\n    url: ../models.git\n")
    subprocess.run(["git", "commit", "--quiet", "--all", "--message=Forge"], cwd=root, check=True)


def a_cluster_as_target(root: Path) -> None:
    """What docs/kubernetes-target.md tells the reader to change in targets/aws-dev.yaml."""
    target = root / "targets/aws-dev.yaml"
    directory = "    directory:\n      path: clusters/aws-dev\n"
    text = target.read_text()
    assert directory in text
    target.write_text(text.replace(directory, "    kubernetes: {}\n"))


def an_empty_folder(root: Path) -> None:
    """Where docs/tutorial.md begins."""
    shutil.rmtree(root)
    root.mkdir()


PREPARED: dict[str, Callable[[Path], None]] = {
    "docs/gitops-engines.md": a_branch_as_target,
    "docs/install.md": a_cluster_as_target,
    "docs/kubernetes-target.md": a_cluster_as_target,
    "docs/logs.md": a_cluster_as_target,
    "docs/promotion.md": a_local_forge,
    "docs/running-pipelines.md": a_cluster_as_target,
    "docs/tutorial.md": an_empty_folder,
}


ON_A_CLUSTER = ("docs/kubernetes-target.md", "docs/logs.md", "docs/running-pipelines.md")
"""Pages whose commands are run with a real cluster as the current context."""


@pytest.fixture
def cluster(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shared control plane as the current context; whatever is made in it goes again."""
    monkeypatch.setenv("KUBECONFIG", str(control_plane.kubeconfig))
    before = control_plane.checkpoint()
    yield
    control_plane.reset(before)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A clone of the project's specs, with a command named mlgitops beside it."""
    root = tmp_path / "project"
    root.mkdir()
    for part in PARTS:
        source = ROOT / part
        copied: Callable[..., Any] = shutil.copytree if source.is_dir() else shutil.copy
        copied(source, root / part)
    origin = "remote add origin https://git.example.com/ml/models.git"
    for arguments in ("init --quiet", origin, "add --all", "commit --quiet --message=Specs"):
        subprocess.run(["git", *arguments.split()], cwd=root, check=True)
    command = tmp_path / "bin/mlgitops"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlgitops "$@"\n')
    command.chmod(0o755)
    return root


def run(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{root.parent / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    shell = ["bash", "-o", "pipefail", "-c", command]
    return subprocess.run(shell, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.kubernetes] if page in ON_A_CLUSTER else [])
        for page in PAGES
        if page not in ELSEWHERE
    ],
)
def test_every_command_on_the_page_ends_as_it_says(copy: Path, page: str, request: pytest.FixtureRequest) -> None:
    if page in ON_A_CLUSTER:
        request.getfixturevalue("cluster")
    if page in PREPARED:
        PREPARED[page](copy)
    for step in steps((ROOT / page).read_text(encoding="utf-8")):
        if isinstance(step, Written):
            (copy / step.path).parent.mkdir(parents=True, exist_ok=True)
            (copy / step.path).write_text(step.content)
        elif step.command.split()[0] not in NOT_RUN:
            done = run(copy, step.command)
            assert done.returncode == step.code, f"$ {step.command}\n{done.stdout}{done.stderr}"
            assert done.stdout.splitlines()[: len(step.output)] == step.output, f"$ {step.command}"


def test_the_pages_show_every_verb() -> None:
    from mlgitops.cli.main import VERBS

    text = "\n".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    shown = set(re.findall(r"\bmlgitops ([a-z-]+)", text))
    assert set(VERBS) - shown == set()


def test_a_block_is_read_as_the_convention_says() -> None:
    page = (
        "Write `a.yaml`:\n\n```yaml\nkind: Model\n```\n\n```yaml\nnot: written\n```\n\n"
        "```console\n$ mlgitops plan\nPlan for\n$ mlgitops drift\n# exit code 2\n```\n\n```\n$ not run\n```\n"
        "1. In a list:\n\n    ```console\n    $ mlgitops status\n    ```\n"
    )
    assert list(steps(page)) == [
        Written("a.yaml", "kind: Model\n"),
        Shown("mlgitops plan", 0, ["Plan for"]),
        Shown("mlgitops drift", 2),
        Shown("mlgitops status"),
    ]
    with pytest.raises(ValueError, match="begins with a"):
        list(steps("```console\nmlgitops plan\n```\n"))
