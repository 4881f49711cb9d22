"""Which addresses and branches Git is given, and which never."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.tools.git_names import PLAIN_PATH, as_url, git_branch, git_repository, is_url, public_address


@pytest.mark.parametrize(
    ("repository", "url"),
    [
        ("https://git.example.com/ml/deploy.git", True),
        ("https://git.example.com:8443/ml/deploy", True),
        ("ssh://git@git.example.com/ml/deploy.git", True),
        ("git@git.example.com:ml/deploy.git", True),
        ("file:///srv/deploy.git", True),
        ("../deploy.git", False),
        ("/srv/deploy.git", False),
        ("clusters", False),
    ],
)
def test_addresses_that_git_may_use(repository: str, url: bool) -> None:
    assert git_repository(repository) == repository
    assert is_url(repository) is url


@pytest.mark.parametrize(
    ("repository", "reason"),
    [
        ("ext::sh -c id", "neither a URL"),
        ("fd::3", "neither a URL"),
        ("-oProxyCommand=id", "neither a URL"),
        ("--upload-pack=id", "neither a URL"),
        ("a:b", "neither a URL"),
        ("git@-oProxyCommand=id:x", "neither a URL"),
        ("a\nb", "neither a URL"),
        ("http://git.example.com/x", "none of the schemes"),
        ("ext://x/y", "none of the schemes"),
        ("git://git.example.com/x", "none of the schemes"),
        ("ssh://-oProxyCommand=id/x", "does not name a host"),
        ("file://git.example.com/x", "names a host"),
        ("https://git.example.com", "names no repository"),
        ("https://git.example.com/a b", "names no repository"),
        ("https://token@git.example.com/x", "has a login"),
        ("https://me:hunter2@git.example.com/x", "has a login"),
        ("ssh://me:hunter2@git.example.com/x", "has a login"),
    ],
)
def test_addresses_that_git_is_never_given(repository: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        git_repository(repository)
    assert "hunter2" not in str(refused.value)
    assert "token" not in str(refused.value)


@pytest.mark.parametrize(
    "branch", ["-x", "a..b", "a/", "/a", ".a", "a/.b", "a//b", "a b", "a~1", "a^", "@{u}", "a:b", ""]
)
def test_paths_that_git_would_read_more_into(branch: str) -> None:
    assert not re.fullmatch(PLAIN_PATH, branch)


@pytest.mark.parametrize("branch", ["HEAD", "a.lock", "a.lock/b"])
def test_branches_that_git_keeps_for_itself(branch: str) -> None:
    with pytest.raises(ValueError, match="keeps for itself"):
        git_branch(branch)


@given(st.from_regex(PLAIN_PATH, fullmatch=True))
def test_a_plain_path_stays_where_it_is(path: str) -> None:
    assert ".." not in path
    assert not path.startswith(("-", "/", "."))
    assert ".git" not in path.lower().split("/")


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://me:hunter2@git.example.com/x", "https://git.example.com/x"),
        ("https://me:hunt@er2@git.example.com/x", "https://git.example.com/x"),
        ("https://token@git.example.com/x@y", "https://git.example.com/x@y"),
        ("ssh://git@git.example.com/x", "ssh://git@git.example.com/x"),
        ("ssh://git:hunter2@git.example.com/x", "ssh://git@git.example.com/x"),
        ("git@git.example.com:x", "git@git.example.com:x"),
        ("/srv/x", "/srv/x"),
    ],
)
def test_an_address_is_shown_without_a_login(url: str, public: str) -> None:
    assert public_address(url) == public


def test_an_address_as_flux_needs_it() -> None:
    assert as_url("git@git.example.com:ml/deploy.git") == "ssh://git@git.example.com/ml/deploy.git"
    assert as_url("https://git.example.com/x") == "https://git.example.com/x"
