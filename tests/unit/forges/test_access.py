"""What a token may do, as each forge tells it; the shapes of the answers are those of the forges' documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.errors import ForgeError, NotAuthorisedError
from mlgitops.forges.access import Access, access
from tests.fakes.server import FakeServer, Fault, Route

REPOSITORIES = {"github": "acme/shop", "gitlab": "acme/ml/shop", "azureDevOps": "acme/ml/shop"}


class Answering(FakeServer):
    """A server that gives the answers it was told to give, whoever asks."""

    authorization = ""

    def routes(self) -> Sequence[Route]:
        return ()

    def answers(self, path: str, body: Any, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.inject(Fault(status, json.dumps(body).encode(), named, path=path))


@pytest.fixture
def server() -> Iterator[Answering]:
    with Answering() as running:
        yield running


def asked(server: Answering, kind: str) -> Access:
    settings = {"kind": kind, "url": server.url, "repository": REPOSITORIES[kind], "tokenFrom": "TOKEN"}
    found = access(settings, {"TOKEN": "secret-token"})
    assert found.needed
    return replace(found, needed="")


@pytest.mark.parametrize(
    ("push", "private", "scopes", "missing"),
    [
        (True, True, "repo, read:org", ()),
        (True, False, "public_repo", ()),
        (True, True, "public_repo", ("the scope repo",)),
        (False, False, "", ("the right to push to the repository", "the scope repo")),
    ],
)
def test_github_tells_the_scopes_of_a_classic_token(
    server: Answering, push: bool, private: bool, scopes: str, missing: tuple[str, ...]
) -> None:
    body = {"permissions": {"push": push, "pull": True}, "private": private}
    server.answers("/repos/acme/shop$", body, X_OAuth_Scopes=scopes)
    assert asked(server, "github") == Access(missing)


def test_github_does_not_tell_the_permissions_of_a_fine_grained_token(server: Answering) -> None:
    server.answers("/repos/acme/shop$", {"permissions": {"push": True}, "private": True})
    assert asked(server, "github") == Access((), ("the permissions of a fine-grained token or an app",))


@pytest.mark.parametrize(
    ("project", "group", "scopes", "missing"),
    [
        (30, 0, ["api"], ()),
        (None, 40, ["api", "read_user"], ()),
        (20, None, ["api"], ("the role Developer",)),
        (None, None, ["read_api"], ("the role Developer", "the scope api")),
    ],
)
def test_gitlab_tells_the_role_and_the_scopes(
    server: Answering, project: int | None, group: int | None, scopes: list[str], missing: tuple[str, ...]
) -> None:
    levels = {"project_access": project, "group_access": group}
    permissions = {name: level and {"access_level": level} for name, level in levels.items()}
    server.answers("/projects/acme%2Fml%2Fshop$", {"permissions": permissions})
    server.answers("/personal_access_tokens/self$", {"scopes": scopes})
    assert asked(server, "gitlab") == Access(missing)


def test_gitlab_does_not_tell_the_scopes_of_a_token_that_is_no_access_token(server: Answering) -> None:
    server.answers("/projects/", {"permissions": {"project_access": {"access_level": 40}}})
    server.answers("/personal_access_tokens/self$", {"message": "404 Not found"}, 404)
    assert asked(server, "gitlab") == Access((), ("the token's scopes",))


def test_azure_devops_tells_only_that_the_repository_can_be_read(server: Answering) -> None:
    server.answers("/acme/ml/_apis/git/repositories/shop", {"id": "1"})
    assert asked(server, "azureDevOps") == Access((), ("the token's scopes",))


def test_a_token_that_is_unknown_is_an_error_that_does_not_show_it(server: Answering) -> None:
    server.answers("/repos/", {"message": "Bad credentials"}, 401)
    with pytest.raises(NotAuthorisedError) as refused:
        asked(server, "github")
    assert "secret-token" not in refused.value.message + refused.value.help


def test_an_answer_of_another_shape_is_an_error(server: Answering) -> None:
    server.answers("/repos/", ["not", "a", "repository"])
    with pytest.raises(ForgeError, match="not as the forge documents it"):
        asked(server, "github")
