"""How packages of npm are installed, without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed import npm
from tests.testbed.errors import TestbedError


def program(tmp_path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bin" / "npm"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{file.parent}:/usr/bin:/bin")


def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for name in npm.FILES:
        (folder / name).write_text("{}")
    return folder


def test_without_node_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TestbedError, match=r"there is no node on PATH; install Node\.js 18 or newer with npm"):
        npm.node()


def test_the_lock_decides_and_no_scripts_of_packages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, 'echo "$@" > said', monkeypatch)
    target = tmp_path / "target"
    target.mkdir()
    npm.install(target, source(tmp_path))
    assert {path.name for path in target.iterdir()} == {*npm.FILES, "said"}
    assert (target / "said").read_text().split()[:2] == ["ci", "--ignore-scripts"]


def test_what_npm_says_is_told_where_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo no such package >&2; exit 1", monkeypatch)
    with pytest.raises(TestbedError, match="npm ci failed: no such package"):
        npm.install(tmp_path, source(tmp_path))
