"""Claims that are not true, or not any more: the required status goes red, and Gitea does not merge."""

from __future__ import annotations

from typing import Any

import pytest

from tests.testbed.gitea.team import Team
from tests.testbed.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

BRANCH = "promote/staging/iris"
STAGING = "environments/staging/models/iris.yaml"
EVIDENCE = "environments/staging/evidence/iris/2.0.json"
SECONDS = 60.0


@pytest.fixture
def green(team: Team) -> Team:
    """The pull request that brings iris 2.0 to staging could be merged at once."""
    team.ann.does("promote", "iris", "--to", "staging")
    assert team.check(BRANCH).code == 0
    team.approve(BRANCH)
    return team


def forge_commit(team: Team, files: dict[str, str], message: str = "") -> None:
    """Mallory, who may write, puts another commit in the place of ours."""
    mallory = team.mallory
    mallory.git("fetch", "--quiet", "origin")
    mallory.git("checkout", "--quiet", "--detach", f"origin/{BRANCH}")
    mallory.write(files)
    edit = ["-m", message] if message else ["--no-edit"]
    mallory.git("commit", "--quiet", "--amend", *edit)
    mallory.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{BRANCH}")
    team.wait_for_head(BRANCH, mallory.git("rev-parse", "HEAD"))
    if files:  # another message alone ends no approval
        wait_until(lambda: not team.approved(BRANCH), "the approval to end", SECONDS)


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (STAGING, "sha256:abab", "sha256:0bad", "the release is not what dev has as 2.0"),
        (STAGING, "max: 3", "max: 9", "is not what the promotion makes of it"),
        (EVIDENCE, "0.95", "0.99", "the evidence digest is claimed to be"),
        (".gitignore", "clusters", "cluster", "leave it out"),
    ],
    ids=["release", "beside the release", "evidence", "another file"],
)
def test_an_edited_file_turns_the_status_red(green: Team, path: str, old: str, new: str, told: str) -> None:
    text = green.file(path, BRANCH)
    assert old in text
    forge_commit(green, {path: text.replace(old, new)})
    assert "status checks" in green.refusal(BRANCH)  # nobody has verified that commit
    checked = green.check(BRANCH)
    assert (checked.code, told in checked.out) == (1, True), checked.out
    assert green.statuses(BRANCH) == {"mlgitops/gates": "failure"}
    green.approve(BRANCH)
    assert "status checks" in green.refusal(BRANCH)
    (comment,) = green.comments(1)
    assert "❌ failed" in comment


def test_asking_again_drops_what_was_forged(green: Team) -> None:
    forge_commit(green, {EVIDENCE: green.file(EVIDENCE, BRANCH).replace("0.95", "0.99")})
    assert green.check(BRANCH).code == 1
    assert "pull request 1 updated" in green.ann.does("promote", "iris", "--to", "staging")
    green.land(BRANCH)
    (comment,) = green.comments(1)
    assert "✅ passed" in comment
    assert '"value": 0.95' in green.file(EVIDENCE)
    assert green.ann.run("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("trailer", "value", "told"),
    [
        ("Evidence-Digest", "sha256:" + "0" * 64, "the evidence digest is claimed to be sha256:000"),
        ("Gates", "digest-pinned=pass", "the gate metric-floor is claimed to be not there"),
        ("From", "prod", "iris 2.0 has never been in prod"),
        ("Model", "rose", "no commit of the pull request has a promotion's trailers about it"),
    ],
)
def test_a_forged_trailer_turns_the_status_red(green: Team, trailer: str, value: str, told: str) -> None:
    message = green.mallory.git("log", "-1", "--format=%B", green.fetched(BRANCH))
    lines = [f"Mlgitops-{trailer}: {value}" if f"-{trailer}:" in line else line for line in message.splitlines()]
    forge_commit(green, {}, "\n".join(lines))
    checked = green.check(BRANCH)
    assert (checked.code, told in checked.out) == (1, True), checked.out
    assert green.statuses(BRANCH) == {"mlgitops/gates": "failure"}
    green.approve(BRANCH)
    assert "status checks" in green.refusal(BRANCH)


def test_a_push_ends_the_approval(green: Team) -> None:
    forge_commit(green, {EVIDENCE: green.file(EVIDENCE, BRANCH) + "\n"})
    green.forge_status(BRANCH)
    assert "approvals" in green.refusal(BRANCH)


def test_a_status_that_somebody_forged_lets_in_what_the_audit_finds(green: Team) -> None:
    """Whoever may write may set a status, as docs/forges.md says; the trail does not depend on that."""
    text = green.file(STAGING, BRANCH)
    forge_commit(green, {STAGING: text.replace("sha256:abab", "sha256:0bad")})
    green.forge_status(BRANCH)
    green.approve(BRANCH)
    commit = green.merge(BRANCH)
    audit = green.ann.run("audit", "verify")
    assert audit.code == 1
    assert f"{commit[:12]} {STAGING}: spec.release.artifact.digest\n" in audit.out
    assert "the release is not the one that" in audit.out


def test_a_stale_claim_turns_the_status_red_once_it_is_checked_again(green: Team, model_of: Any) -> None:
    with green.without_protection():
        green.push(model_of("iris", "dev", "1.9"), "2.0 is withdrawn from dev")
    checked = green.check(BRANCH)
    assert checked.code == 0  # dev has had it; whether it has to have it still is what the gate 'soaked' is for
    with green.without_protection():
        text = green.file("environments/staging/environment.yaml").replace("min: 0.9", "min: 0.99")
        green.push({"environments/staging/environment.yaml": text}, "We ask for more")
    checked = green.check(BRANCH)
    assert (checked.code, "metric-floor" in checked.out) == (1, True)
    assert green.statuses(BRANCH) == {"mlgitops/gates": "failure"}
    assert "status checks" in green.refusal(BRANCH)


def test_a_branch_that_is_behind_is_checked_again_where_the_protection_says_so(green: Team) -> None:
    green.unprotect()
    green.protect(block_on_outdated_branch=True)
    with green.without_protection(block_on_outdated_branch=True):
        text = green.file("environments/staging/environment.yaml").replace("min: 0.9", "min: 0.99")
        green.push({"environments/staging/environment.yaml": text}, "We ask for more")
    green.wait_until_behind(BRANCH)
    assert "behind" in green.refusal(BRANCH)
    green.update(BRANCH)
    assert "status checks" in green.refusal(BRANCH)
    assert green.check(BRANCH).code == 1
    with green.without_protection(block_on_outdated_branch=True):
        text = green.file("environments/staging/environment.yaml").replace("min: 0.99", "min: 0.9")
        green.push({"environments/staging/environment.yaml": text}, "We ask for less")
    green.update(BRANCH)
    assert green.check(BRANCH).code == 0
    green.merge(BRANCH)  # approved of as it was: an update from the protected branch changes nothing of it
    assert green.ann.run("audit", "verify").code == 0
