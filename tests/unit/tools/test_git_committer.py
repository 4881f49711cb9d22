from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgitops.tools import git_committer


def run(directory: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with settings of its own."""
    clone = tmp_path / "clone"
    clone.mkdir()
    run(clone, "init", "-q")
    run(clone, "config", "user.name", "Deployer")
    return clone


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A bare repository elsewhere."""
    run(tmp_path, "init", "-q", "--bare", "other.git")
    return tmp_path / "other.git"


def test_what_says_who_commits_and_how_it_is_signed_is_taken_along_and_nothing_else(clone: Path) -> None:
    run(clone, "config", "gpg.format", "ssh")
    run(clone, "config", "core.editor", "vi")
    with (clone / ".git/config").open("a") as config:
        config.write("[commit]\n\tgpgSign\n")  # without a value, which means true
    options = git_committer.settings_of(clone)
    assert options[1::2] == [
        "user.name=Test", "user.email=test@example.com", "commit.gpgsign=false", "user.name=Deployer",
        "gpg.format=ssh", "commit.gpgsign",
    ]  # fmt: skip
    assert set(options[::2]) == {"-c"}


def test_with_them_git_commits_elsewhere_as_it_does_here(clone: Path, other: Path) -> None:
    options = git_committer.settings_of(clone)
    assert run(other, *options, "var", "GIT_COMMITTER_IDENT").startswith("Deployer <test@example.com>")
    assert not git_committer.is_signing(other, options)
    run(clone, "config", "commit.gpgSign", "true")
    assert git_committer.is_signing(other, git_committer.settings_of(clone))


def test_outside_of_a_repository_there_are_none(tmp_path: Path) -> None:
    assert git_committer.settings_of(tmp_path) == git_committer.settings_of(None) == []


def test_where_git_knows_nobody_there_is_a_name_all_the_same(other: Path, home: Path) -> None:
    assert git_committer.identity(other, []) == []
    (home / ".gitconfig").unlink()
    assert git_committer.identity(other, [])[1::2] == ["user.name=mlgitops", "user.email=mlgitops@localhost"]
