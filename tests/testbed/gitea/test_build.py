"""Where the Gitea that tests run against comes from, without building or running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.testbed.errors import TestbedError
from tests.testbed.gitea import build


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_one_that_the_user_names_comes_first(tmp_path: Path) -> None:
    named = make_program(tmp_path / "own" / "gitea")
    assert build.program({"GITEA_BINARY": str(named)}) == build.Program(named, None)


def test_one_of_ours_that_is_named_keeps_its_static_files(tmp_path: Path) -> None:
    named = make_program(tmp_path / "gitea")
    (tmp_path / "static").mkdir()
    assert build.program({"GITEA_BINARY": str(named)}) == build.Program(named, tmp_path / "static")


def test_a_name_that_is_no_program_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TestbedError, match="correct or unset it"):
        build.program({"GITEA_BINARY": str(tmp_path)[:-1] + "missing"})


def test_one_that_was_built_is_not_built_again(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path)}
    directory = build.built(environment)
    make_program(directory / "gitea")
    assert build.program(environment) == build.Program(directory / "gitea", directory / "static")
