"""What tests of workflows share: a real Git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def git() -> Callable[..., str]:
    """``git(root, "add", "--all")``: what it printed."""

    def ran(root: Path, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return ran
