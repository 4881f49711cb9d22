"""What is installed is what is declared: set-up installs by the lock alone, so a stale lock must fail here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^-A-Za-z0-9_.]", line)[0].lower().replace("_", "-") for line in requirements}


def locked() -> list[str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith((" ", "#"))]


def test_every_declared_dependency_is_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*declared["project"]["dependencies"], *declared["dependency-groups"]["dev"]]
    assert names(wanted) <= names(locked())


def test_every_locked_package_has_one_version_and_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert all("==" in line for line in locked())
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text.strip()))
