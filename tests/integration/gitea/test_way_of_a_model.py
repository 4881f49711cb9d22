"""A model goes from dev to prod and back, on a real Gitea: nothing but merged pull requests changes what runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.errors import TestbedError
from tests.testbed.gitea.team import RULES, Team

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

PROD = "environments/prod/models/iris.yaml"
TO_STAGING, TO_PROD, BACK = "promote/staging/iris", "promote/prod/iris", "rollback/prod/iris"


def test_the_branch_is_protected_as_the_documentation_recommends() -> None:
    page = (Path(__file__).parents[3] / "docs/forges.md").read_text()
    block = page.partition("```json\n")[2].partition("```")[0]
    assert json.loads(block) == {"rule_name": "main", **RULES}


def versions(team: Team) -> dict[str, str]:
    """What each environment runs, by the protected branch."""
    texts = {name: team.file(f"environments/{name}/models/iris.yaml") for name in ("dev", "staging", "prod")}
    return {name: text.partition('version: "')[2].partition('"')[0] for name, text in texts.items()}


def test_from_dev_to_staging_to_prod_and_back(team: Team) -> None:
    assert versions(team) == {"dev": "2.0", "staging": "1.0", "prod": "1.0"}

    # Ann asks, and nothing changes by that. A second run finds the same pull request.
    assert "pull request 1 opened" in team.ann.does("promote", "iris", "--to", "staging")
    assert "pull request 1 unchanged" in team.ann.does("promote", "iris", "--to", "staging")
    assert versions(team)["staging"] == "1.0"

    # It cannot be merged before it was verified, nor before somebody else approved of it.
    assert "status checks" in team.refusal(TO_STAGING)
    assert team.check(TO_STAGING).code == 0
    assert team.statuses(TO_STAGING) == {"mlgitops/gates": "success"}
    assert "approvals" in team.refusal(TO_STAGING)
    assert "own pull" in team.refused_approval(TO_STAGING, team.ann)
    team.approve(TO_STAGING)
    team.merge(TO_STAGING)
    assert versions(team) == {"dev": "2.0", "staging": "2.0", "prod": "1.0"}

    # On to prod, the same way; a second check rewrites the one comment.
    team.ann.does("promote", "iris", "--to", "prod")
    team.check(TO_PROD)
    team.land(TO_PROD)
    assert len(team.comments(2)) == 1
    assert versions(team)["prod"] == "2.0"

    # Back: what ran before, and on hold.
    team.ann.does("rollback", "iris", "--env", "prod", "--reason", "p99 doubled")
    team.land(BACK)
    assert versions(team) == {"dev": "2.0", "staging": "2.0", "prod": "1.0"}
    held = team.ann.run("promote", "iris", "--to", "prod")
    assert (held.code, "iris is on hold in prod: p99 doubled" in held.err) == (1, True)

    # Git alone tells what happened, and who approved.
    ann, eve = team.ann.signature, team.eve.signature
    told = [
        (e["version"], e["kind"], e["pullRequest"], e["actor"], e["approvedBy"]) for e in team.events("iris", "prod")
    ]
    assert told[1:] == [("2.0", "promote", 2, ann, [eve]), ("1.0", "rollback", 3, ann, [eve])]
    gates = {"digest-pinned": "pass", "metric-floor": "pass"}
    assert [event["gates"] for event in team.events("iris", "staging")] == [{}, gates]
    audit = team.ann.does("audit", "verify")
    assert audit == "Passed: 3 changes of releases in 4 commits, 3 releases taken as found.\n"


def test_a_direct_push_is_refused_and_one_that_gets_through_is_found(team: Team) -> None:
    team.ann.does("promote", "iris", "--to", "staging")
    team.land(TO_STAGING)
    assert team.ann.run("audit", "verify").code == 0
    edited = team.file(PROD).replace("sha256:abab", "sha256:0bad")
    for person in (team.eve, team.owner):
        person.git("pull", "--quiet", "origin", "main")
        person.write({PROD: edited})
        person.git("commit", "--quiet", "-m", "A small correction")
        with pytest.raises(TestbedError, match="Not allowed to push to protected branch"):
            person.git("push", "--quiet", "origin", "HEAD:main")
    assert team.ann.run("audit", "verify").code == 0

    with team.without_protection():
        team.owner.git("push", "--quiet", "origin", "HEAD:main")
    commit = team.owner.git("rev-parse", "HEAD")
    audit = team.ann.run("audit", "verify")
    assert audit.code == 1
    assert f"{commit[:12]} {PROD}: spec.release.artifact.digest\n" in audit.out
    assert "it came by a direct commit, not by a merged pull request" in audit.out
    found = json.loads(team.ann.run("audit", "verify", "-o", "json").out)["violations"]
    assert [(one["commit"], one["path"], one["field"]) for one in found] == [
        (commit, PROD, "spec.release.artifact.digest")
    ]


def test_a_pull_request_that_was_closed_is_asked_for_again(team: Team) -> None:
    team.ann.does("promote", "iris", "--to", "staging")
    team.api.request("PATCH", f"{team.path}/pulls/1", {"state": "closed"})
    assert "pull request 2 opened" in team.ann.does("promote", "iris", "--to", "staging")
    team.land(TO_STAGING)
    assert "staging has that release of iris already" in team.ann.does("promote", "iris", "--to", "staging")
    assert [pull["state"] for pull in team.pulls("all")] == ["closed", "closed"]


def test_a_branch_that_gitea_deleted_after_the_merge_is_made_again(team: Team, model_of: Any) -> None:
    team.ann.does("promote", "iris", "--to", "staging")
    team.land(TO_STAGING)
    team.api.request("DELETE", f"{team.path}/branches/promote%2Fstaging%2Firis")
    with team.without_protection():
        start = team.push(model_of("iris", "dev", "3.0"))
    assert "pull request 2 opened" in team.ann.does("promote", "iris", "--to", "staging")
    team.land(TO_STAGING)
    assert versions(team)["staging"] == "3.0"
    assert team.ann.run("audit", "verify", "--env", "staging", "--env", "prod").code == 0
    assert team.ann.run("audit", "verify").code == 1
    assert team.ann.run("audit", "verify", "--since", start).code == 0
