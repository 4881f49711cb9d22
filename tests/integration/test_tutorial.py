"""Someone new gets from an empty folder to an opened promotion pull request by what docs/tutorial.md shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mlgitops.forges import State
from mlgitops.forges.local import LocalForge

ROOT = Path(__file__).resolve().parents[2]
MOST = 10
"""Commands; the promise of the tutorial."""
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """The commands of the page, in order."""
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    blocks = "\n".join(CONSOLE.findall(page))
    return [line.removeprefix("$ ") for line in blocks.splitlines() if line.startswith("$ ")]


def until_promoted() -> list[str]:
    """Those up to the first promotion, which is among them."""
    shown = commands()
    place = next(place for place, one in enumerate(shown) if one.startswith("mlgitops promote"))
    return shown[: place + 1]


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which there is a command named mlgitops."""
    command = tmp_path / "bin/mlgitops"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlgitops "$@"\n')
    command.chmod(0o755)
    return f"{command.parent}:{os.environ['PATH']}"


def test_the_tutorial_needs_at_most_ten_commands() -> None:
    assert 1 < len(until_promoted()) <= MOST


def test_the_tutorial_leads_from_an_empty_folder_to_an_opened_promotion(tmp_path: Path, path: str) -> None:
    empty = tmp_path / "shop"
    empty.mkdir()
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    for command in until_promoted():
        done = subprocess.run(
            ["bash", "-c", command], cwd=empty, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    pull = LocalForge(tmp_path / "shop.git", "main").find("promote/prod/iris")
    assert pull is not None
    assert (pull.state, pull.title) == (State.OPEN, "Promote iris 1.0 from dev to prod")
    changed = subprocess.run(
        ["git", "diff", "--name-only", "main", pull.head_commit], cwd=tmp_path / "shop.git", capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert changed.stdout.split() == ["environments/prod/models/iris.yaml"]
