"""The Project's forge block."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mlgitops.spec.project import Forge


@pytest.mark.parametrize(
    "block",
    [
        {"kind": "github", "repository": "acme/shop"},
        {"kind": "github", "repository": "acme/shop", "url": "https://github.example.com", "branch": "release/1"},
        {"kind": "gitlab", "repository": "acme/ml/shop", "tokenFrom": "CI_TOKEN"},
        {"kind": "gitea", "repository": "acme/shop", "url": "https://git.example.com"},
        {"kind": "forgejo", "repository": "acme/shop", "url": "https://git.example.com:3000/forge"},
        {"kind": "azureDevOps", "repository": "acme/Machine Learning/shop"},
        {"kind": "local", "url": "../shop.git"},
    ],
)
def test_a_forge_is_named_by_its_kind_and_repository(block: dict[str, Any]) -> None:
    assert Forge.model_validate(block).kind == block["kind"]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"kind": "sourceforge", "repository": "a/b"}, "kind"),
        ({"kind": "github"}, "written as owner/name"),
        ({"kind": "github", "repository": "shop"}, "written as owner/name"),
        ({"kind": "azureDevOps", "repository": "acme/shop"}, "organisation/project/repository"),
        ({"kind": "gitea", "repository": "acme/shop"}, "url is missing"),
        ({"kind": "gitea", "repository": "acme/shop", "url": "http://git.example.com"}, "not an https address"),
        ({"kind": "local"}, "takes a url, which is a path"),
        ({"kind": "local", "url": "shop.git", "tokenFrom": "TOKEN"}, "neither repository nor tokenFrom"),
        ({"kind": "github", "repository": "a/b", "branch": "-x"}, "branch"),
        ({"kind": "github", "repository": "a/b", "branch": "HEAD"}, "keeps for itself"),
        ({"kind": "github", "repository": "a/b", "tokenFrom": "a token"}, "tokenFrom"),
        ({"kind": "github", "repository": "a/b", "token": "x"}, "token"),
    ],
)
def test_a_forge_that_names_no_place_is_refused(block: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Forge.model_validate(block)
