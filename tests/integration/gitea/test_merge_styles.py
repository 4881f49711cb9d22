"""Every way in which Gitea merges, with the messages that its pages propose: what an audit takes, and what is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from mlgitops.forges import open_forge
from tests.testbed.errors import TestbedError
from tests.testbed.gitea.team import Team

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

STAGING = "environments/staging/models/iris.yaml"
BRANCH = "promote/staging/iris"
DIRECT = "it came by a direct commit, not by a merged pull request"
REBASE_TEMPLATE = """\
${CommitTitle} (${PullRequestReference})

${CommitBody}
${ReviewedOn}
${ReviewedBy}
"""


@pytest.fixture
def waiting(team: Team) -> Team:
    """The pull request that brings iris 2.0 to staging, verified and approved; every style is allowed."""
    team.api.request("PATCH", team.path, {"allow_fast_forward_only_merge": True})
    team.ann.does("promote", "iris", "--to", "staging")
    assert team.check(BRANCH).code == 0
    team.approve(BRANCH)
    return team


def told(team: Team) -> tuple[str, str, int | None, list[str]]:
    """What the history says of the last release in staging."""
    event = team.events("iris", "staging")[-1]
    return event["version"], event["kind"], event["pullRequest"], event["approvedBy"]


@pytest.mark.parametrize("style", ["merge", "rebase-merge"])
def test_a_merge_commit_is_what_an_audit_takes(waiting: Team, style: str) -> None:
    waiting.merge(BRANCH, style)
    assert waiting.ann.run("audit", "verify").code == 0
    assert told(waiting) == ("2.0", "promote", 1, [waiting.eve.signature])


@pytest.mark.parametrize(
    ("style", "number", "approved"), [("squash", 1, True), ("rebase", None, False), ("fast-forward-only", None, False)]
)
def test_without_a_merge_commit_it_is_taken_where_that_is_allowed(
    waiting: Team, style: str, number: int | None, approved: bool
) -> None:
    commit = waiting.merge(BRANCH, style)
    strict = waiting.ann.run("audit", "verify")
    assert strict.code == 1
    assert f"{commit[:12]} {STAGING}: spec.release.version\n  {DIRECT}" in strict.out
    assert waiting.ann.run("audit", "verify", "--squash").code == 0
    assert told(waiting) == ("2.0", "promote", number, [waiting.eve.signature] if approved else [])


def test_a_template_has_a_rebased_commit_tell_who_approved(waiting: Team) -> None:
    with waiting.without_protection():
        waiting.push({".gitea/default_merge_message/REBASE_TEMPLATE.md": REBASE_TEMPLATE})
    waiting.merge(BRANCH, "rebase")
    assert waiting.ann.run("audit", "verify", "--squash").code == 0
    assert told(waiting) == ("2.0", "promote", 1, [waiting.eve.signature])


def test_a_squashed_commit_without_what_was_proposed_is_a_violation(waiting: Team) -> None:
    pull = waiting.pull(BRANCH)
    body = {"Do": "squash", "MergeTitleField": "Small things", "head_commit_id": pull["head"]["sha"]}
    waiting.server.api(waiting.eve.user.token).request("POST", f"{waiting.path}/pulls/1/merge", body)
    audit = waiting.ann.run("audit", "verify", "--squash")
    assert audit.code == 1
    assert f"{STAGING}: spec.release.version\n  no commit of the merge has a promotion's trailers about it" in audit.out


def test_what_is_merged_by_us_through_the_api_tells_who_approved(waiting: Team) -> None:
    stranger = waiting.newcomer()
    waiting.approve(BRANCH, stranger)  # may read, and has no say
    settings = {"kind": "gitea", "url": waiting.server.url, "repository": waiting.repository}
    environment = {"GITEA_TOKEN": waiting.eve.user.token, "SSL_CERT_FILE": str(waiting.server.certificate)}
    forge = open_forge(settings, {**os.environ, **environment}, Path("/"))
    pull = forge.pull_request(1)
    assert pull.approved_by == (waiting.eve.name,)
    forge.merge(1, pull.head_commit)
    assert waiting.ann.run("audit", "verify").code == 0
    assert told(waiting) == ("2.0", "promote", 1, [waiting.eve.signature])


@pytest.fixture
def caught_up(waiting: Team, model_of: Any) -> Team:
    """The pull request brings 3.0 by now, and its branch has followed a protected branch that changed the same file."""
    with waiting.without_protection():
        changed = waiting.file(STAGING).replace("max: 3", "max: 4")
        waiting.push({**model_of("iris", "dev", "3.0"), STAGING: changed})
    waiting.ann.does("promote", "iris", "--to", "staging")
    assert waiting.check(BRANCH).code == 0
    waiting.approve(BRANCH)
    return waiting


@pytest.mark.parametrize("style", ["merge", "squash"])
def test_a_branch_that_caught_up_brings_what_was_reviewed(caught_up: Team, style: str) -> None:
    caught_up.merge(BRANCH, style)
    assert told(caught_up)[0] == "3.0"
    assert "max: 4" in caught_up.file(STAGING)
    assert caught_up.ann.run("audit", "verify", "--squash", "--env", "staging").code == 0


@pytest.mark.parametrize("style", ["rebase", "rebase-merge"])
def test_a_branch_that_caught_up_is_never_rebased_to_what_is_older(caught_up: Team, style: str) -> None:
    """Git leaves out merges when it rebases; what they bring must not be left out with them."""
    with pytest.raises(TestbedError, match="not merged"):
        caught_up.merge(BRANCH, style)
    assert told(caught_up)[0] == "1.0"
