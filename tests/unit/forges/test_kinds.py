"""How the kinds of forges name a repository and where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgitops.errors import ForgeError
from mlgitops.forges import open_forge
from mlgitops.forges.kinds import KINDS, address_of, repository_of


@pytest.mark.parametrize(
    ("kind", "repository"),
    [
        ("github", "acme/shop"),
        ("gitlab", "acme/ml/models/shop"),
        ("gitea", "acme/shop.git-2_x"),
        ("azureDevOps", "acme/Machine Learning/shop"),
    ],
)
def test_a_repository_is_named_as_the_forge_names_it(kind: str, repository: str) -> None:
    assert repository_of(kind, repository) == repository


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "repository",
    ["", "shop", "/shop", "acme/", "acme/..", "../shop/x", "acme/sh?op", "acme/sh#op", "a/b%2fc", "a/b\nc"],
)
def test_a_repository_that_could_lead_elsewhere_is_refused(kind: str, repository: str) -> None:
    with pytest.raises(ValueError, match="is written as"):
        repository_of(kind, repository)


@pytest.mark.parametrize(
    "url",
    ["http://git.example.com", "ftp://git.example.com", "git.example.com", "https://h/?q", "https://h/#f", "https://"],
)
def test_an_address_that_is_not_plain_https_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url is not"):
        address_of("gitea", url)


def test_a_login_in_an_address_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="without a login") as caught:
        address_of("gitea", "https://ana:canary@git.example.com")
    assert "canary" not in str(caught.value)


def test_a_forge_without_a_usual_address_needs_one() -> None:
    with pytest.raises(ValueError, match="Gitea has no usual address"):
        address_of("gitea", "")
    assert address_of("github", "") == "https://github.com"
    assert address_of("gitea", "https://git.example.com/") == "https://git.example.com"


@pytest.mark.parametrize("settings", [{}, {"kind": "sourceforge"}, {"kind": "gitea", "repository": "a/b"}])
def test_a_block_that_names_no_forge_is_an_error_of_ours(settings: dict[str, str]) -> None:
    with pytest.raises(ForgeError, match=r"forge\.(kind|url)"):
        open_forge(settings, {}, Path("/"))


def test_opening_asks_for_nothing_and_needs_no_token() -> None:
    for kind in KINDS:
        parts = {"azureDevOps": "a/b/c"}.get(kind, "a/b")
        open_forge({"kind": kind, "repository": parts, "url": "https://git.example.com"}, {}, Path("/"))
