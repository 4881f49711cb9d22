"""What a job of Gitea's Actions runs, on a real Gitea: the comment that is updated in place, and the statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.testbed.command import Ran
from tests.testbed.gitea.people import Person
from tests.testbed.gitea.team import Team

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

BRANCH = "promote/staging/iris"


def check(team: Team, who: Person, scratch: Path, token: str = "") -> Ran:
    """As the workflow that init writes runs it, at the commit that was pushed last, with the variables of Actions."""
    pull = team.pull(BRANCH)
    number, head = pull["number"], pull["head"]["sha"]
    who.git("fetch", "--quiet", "origin", "main", f"+refs/pull/{number}/head:refs/remotes/origin/pull")
    who.git("checkout", "--quiet", "--detach", "refs/remotes/origin/pull")
    event = scratch / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"sha": head}}}))
    variables = {
        "GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true", "GITHUB_REF": f"refs/pull/{number}/head",
        "GITHUB_BASE_REF": "main", "GITHUB_EVENT_PATH": str(event), "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": team.server.url, "GITHUB_REPOSITORY": team.repository,
        **({"GITEA_TOKEN": token} if token else {}),
    }  # fmt: skip
    return who.run("ci", "check", **variables)


def test_a_job_tells_the_pull_request_in_one_comment_and_by_statuses_with_a_link_to_its_log(
    team: Team, tmp_path: Path
) -> None:
    team.ann.does("promote", "iris", "--to", "staging")
    for _ in range(2):
        ran = check(team, team.ci, tmp_path)
        assert ran.code == 0, ran.out + ran.err
    assert team.statuses(BRANCH) == {"mlgitops/check": "success", "mlgitops/gates": "success"}
    comments = sorted(team.comments(1))
    assert [text.split("\n")[0] for text in comments] == ["<!-- mlgitops:check -->", "<!-- mlgitops:gates -->"]
    assert f"([log]({team.server.url}/{team.repository}/actions/runs/7))" in comments[0]
    assert "### Plan for environment <code>staging</code>" in comments[0]


def test_a_token_that_may_only_read_fails_nothing_and_is_said(team: Team, tmp_path: Path) -> None:
    """As a pull request from a fork has it: what was found is in the log and in the summary."""
    team.ann.does("promote", "iris", "--to", "staging")
    reader = team.newcomer()
    ran = check(team, team.ci, tmp_path, reader.user.token)
    assert ran.code == 0, ran.out + ran.err
    assert "the pull request was not told" in ran.err
    assert "promote iris in staging 2.0: verified" in ran.out
    assert team.statuses(BRANCH) == {}
    assert reader.user.token not in ran.out + ran.err
