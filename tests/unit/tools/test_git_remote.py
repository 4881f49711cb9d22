"""What Git is told about another repository: no login is ever among the arguments of a program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgitops.tools.git import git
from mlgitops.tools.git_remote import reach

PUBLIC = "https://git.example.com/shop/models.git"
SECRET = "canary-5f2e"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--bare", "store.git"], cwd=tmp_path, check=True)
    return tmp_path / "store.git"


def add_remote(store: Path, url: str, push_url: str = "") -> None:
    git(["remote", "add", "origin", url], store)
    if push_url:
        git(["remote", "set-url", "--push", "origin", push_url], store)


def configured(store: Path, settings: dict[str, str], *arguments: str) -> str:
    """What Git's configuration says with these settings in its environment."""
    return git(["config", *arguments], store, (0, 1), settings).output.decode().strip()


@pytest.mark.parametrize("address", [PUBLIC, "/srv/models.git", "git@git.example.com:shop/models.git"])
def test_an_address_without_a_login_is_given_as_it_is(store: Path, address: str) -> None:
    assert reach(store, address).address == address
    add_remote(store, address)
    assert reach(store, "origin").address == "origin"


@pytest.mark.parametrize(
    ("login", "header"),
    [(f"ann:{SECRET}", "YW5uOmNhbmFyeS01ZjJl"), ("a%40b:c%3Ad", "YUBiOmM6ZA=="), ("ann:c@d", "YW5uOmNAZA==")],
)
def test_a_login_travels_in_the_environment(store: Path, login: str, header: str) -> None:
    add_remote(store, PUBLIC.replace("://", f"://{login}@"))
    for push in (False, True):
        remote = reach(store, "origin", push=push)
        assert remote.address == PUBLIC
        assert SECRET not in repr(remote)
        told = configured(store, dict(remote.settings), "--get-urlmatch", "http.extraHeader", PUBLIC)
        assert told == f"Authorization: Basic {header}"
        elsewhere = "https://git.example.com/shop/other.git"
        assert configured(store, dict(remote.settings), "--get-urlmatch", "http.extraHeader", elsewhere) == ""


def test_a_user_without_a_password_is_whom_credential_helpers_are_asked_for(store: Path) -> None:
    add_remote(store, PUBLIC.replace("://", "://ann@"))
    remote = reach(store, "origin")
    assert remote.address == PUBLIC
    assert configured(store, dict(remote.settings), "credential.https://git.example.com.username") == "ann"


def test_where_it_is_pushed_to_counts_for_a_push(store: Path) -> None:
    add_remote(store, PUBLIC, f"https://ann:{SECRET}@push.example.com/models.git")
    assert reach(store, "origin").address == "origin"
    assert reach(store, "origin", push=True).address == "https://push.example.com/models.git"


def test_a_rule_that_puts_a_login_into_urls_does_not_do_so_again(store: Path) -> None:
    add_remote(store, PUBLIC)
    git(
        ["config", "--global", f"url.https://ann:{SECRET}@git.example.com/.insteadOf", "https://git.example.com/"],
        store,
    )
    remote = reach(store, "origin")
    assert remote.address == PUBLIC
    read = git(["ls-remote", "--get-url", "--", PUBLIC], store, settings=remote.settings).output.decode().strip()
    assert read == PUBLIC
