"""``doctor`` asks a real Gitea what a token may do, and changes nothing there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.testbed.gitea.team import Team

ALL = ("write:repository", "write:issue", "read:user")


def token_check(team: Team, scopes: tuple[str, ...]) -> tuple[int, dict[str, Any]]:
    token = team.server.new_token(team.ann.user, scopes)
    ran = team.ann.run("doctor", "-o", "json", GITEA_TOKEN=token)
    found = {check["name"]: check for check in json.loads(ran.out)["checks"] if check["topic"] == "forge"}
    assert found["branch"]["condition"] == "ok"
    return ran.code, found["token"]


def test_a_token_with_all_scopes_is_well_and_leaves_nothing_behind(team: Team) -> None:
    code, check = token_check(team, ALL)
    assert (code, check["condition"]) == (0, "ok"), check
    assert team.pulls("all") == []
    assert team.api.get(f"{team.path}/issues", state="all") == []


@pytest.mark.parametrize("lacks", ["write:issue", "write:repository", "read:user"])
def test_a_scope_that_is_missing_is_named(team: Team, lacks: str) -> None:
    scopes = tuple(scope.replace("write", "read") if scope == lacks else scope for scope in ALL if scope != "read:user")
    code, check = token_check(team, (*scopes, *(() if lacks == "read:user" else ("read:user",))))
    assert (code, check["condition"]) == (1, "broken")
    assert check["said"] == f"the token lacks the scope {lacks}"


def test_an_unknown_token_is_broken_and_never_shown(team: Team) -> None:
    ran = team.ann.run("doctor", GITEA_TOKEN="0123456789abcdef0123456789abcdef01234567")
    assert ran.code == 1
    assert "help: The token in GITEA_TOKEN is unknown, expired or revoked" in ran.out
    assert "0123456789abcdef" not in ran.out + ran.err
