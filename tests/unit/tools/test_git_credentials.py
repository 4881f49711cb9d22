"""Passwords of Git's credential helpers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgitops.errors import ToolError
from mlgitops.tools.git_credentials import password_for

STORED = "https://ana:from-the-store@git.example.com\nhttps://ana:another@git.example.com:3000\n"


@pytest.fixture
def store(home: Path) -> None:
    """A user whose passwords are in Git's store."""
    (home / ".git-credentials").write_text(STORED)
    with (home / ".gitconfig").open("a") as config:
        config.write("[credential]\n    helper = store\n")


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("url", "password"),
    [("https://git.example.com", "from-the-store"), ("https://git.example.com:3000/acme", "another")],
)
def test_a_password_is_that_of_the_host_and_port(url: str, password: str) -> None:
    assert password_for(url) == password


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("url", ["https://other.example.com", "http://git.example.com"])
def test_a_host_that_no_helper_knows_is_an_error_and_nobody_is_asked(url: str) -> None:
    with pytest.raises(ToolError, match="credential"):
        password_for(url)


@pytest.mark.usefixtures("store")
def test_a_repositorys_own_helper_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "credential.helper", "!touch ran;"], check=True)
    monkeypatch.chdir(tmp_path)
    assert password_for("https://git.example.com") == "from-the-store"
    assert not (tmp_path / "ran").exists()
