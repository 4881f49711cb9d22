"""What is particular to one kind of forge with a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlgitops.errors import ForgeError, NotAuthorisedError
from mlgitops.forges import CommitState, NewPullRequest, State, open_forge
from mlgitops.tools import git_objects, git_refs
from tests.fakes.azure_devops import FakeAzureDevOps
from tests.fakes.github import FakeGitHub
from tests.fakes.gitlab import FakeGitLab
from tests.fakes.scene import FakeScene
from tests.testbed.gitea.server import Gitea
from tests.testbed.waiting import wait_until

BRANCH = "promote/fraud-detector/prod"
REQUEST = NewPullRequest(title="Promote 1.2", body="text", branch=BRANCH, base="main")


@pytest.fixture
def github() -> Iterator[FakeGitHub]:
    with FakeGitHub() as server:
        yield server


@pytest.fixture
def azure_devops() -> Iterator[FakeAzureDevOps]:
    with FakeAzureDevOps() as server:
        yield server


def test_an_apps_token_updates_its_own_comment(github: FakeGitHub) -> None:
    github.is_app = True
    scene = FakeScene("github", github)
    scene.push(BRANCH)
    number = scene.forge().open(REQUEST).number
    scene.intrude(number, "<!-- mlgitops:gates -->\nforged")
    scene.forge().comment(number, "gates", "first")
    scene.forge().comment(number, "gates", "second")
    assert scene.comments(number) == ["<!-- mlgitops:gates -->\nforged", "<!-- mlgitops:gates -->\nsecond"]


def test_a_filter_that_github_ignores_finds_nothing_of_another_branch(github: FakeGitHub) -> None:
    scene = FakeScene("github", github)
    scene.push("another")
    scene.forge().open(NewPullRequest("Another", "", "another", "main"))
    github.ignores_filters = True
    assert scene.forge().find(BRANCH) is None


def test_gitlab_shows_quick_actions_and_obeys_none() -> None:
    with FakeGitLab() as server:
        scene = FakeScene("gitlab", server)
        scene.push(BRANCH)
        number = scene.forge().open(NewPullRequest("Promote", "note:\n/merge\n", BRANCH, "main")).number
        scene.forge().comment(number, "gates", "note:\n/approve")
        texts = [scene.hub.pull(number).body, *scene.comments(number)]
    assert [line for text in texts for line in text.splitlines() if line.lstrip().startswith("/")] == []


def test_azures_policies_see_the_status_of_the_latest_push_alone(azure_devops: FakeAzureDevOps) -> None:
    scene = FakeScene("azureDevOps", azure_devops)
    first = scene.push(BRANCH)
    number = scene.forge().open(REQUEST).number
    second = scene.push(BRANCH)
    scene.forge().status(first, "gates", CommitState.SUCCESS, "", "")
    assert azure_devops.pull_statuses == {}
    scene.forge().status(second, "gates", CommitState.SUCCESS, "", "")
    states = [(each["state"], each["iterationId"], each["context"]) for each in azure_devops.pull_statuses[number]]
    assert states == [("succeeded", 2, {"name": "gates", "genre": "mlgitops"})]


def test_azure_takes_a_reviewer_by_identity(azure_devops: FakeAzureDevOps) -> None:
    scene = FakeScene("azureDevOps", azure_devops)
    scene.push(BRANCH)
    ana = "00000000-0000-0000-0000-000000000066"
    assert scene.forge().open(NewPullRequest("P", "", BRANCH, "main", reviewers=(ana,))).reviewers == ("ana",)


@pytest.mark.gitea
def test_gitea_merges_only_what_its_protection_allows(gitea: Gitea) -> None:
    owner, us = gitea.new_user(), gitea.new_user()
    repository = gitea.new_repository(owner)
    gitea.add_collaborator(repository, us)
    root, api = f"/api/v1/repos/{repository}", gitea.api(owner.token)
    gitea.protect(
        repository, {"required_approvals": 1, "enable_status_check": True, "status_check_contexts": ["mlgitops/gates"]}
    )
    body = {"content": "bmV3", "branch": "main", "new_branch": BRANCH}
    api.request("POST", f"{root}/contents/new.txt", body)
    settings = {"kind": "forgejo", "url": gitea.url, "repository": repository, "tokenFrom": "TOKEN"}
    forge = open_forge(settings, {"TOKEN": us.token, "SSL_CERT_FILE": str(gitea.certificate)}, Path("/"))
    pull = forge.open(REQUEST)
    wait_until(lambda: bool(forge.pull_request(pull.number).mergeable), "the check for conflicts", 20)

    with pytest.raises(ForgeError, match="status checks"):
        forge.merge(pull.number, pull.head_commit)
    forge.status(pull.head_commit, "mlgitops/gates", CommitState.SUCCESS, "all gates passed", "")
    with pytest.raises(ForgeError, match="approvals"):
        forge.merge(pull.number, pull.head_commit)
    api.request("POST", f"{root}/pulls/{pull.number}/reviews", {"event": "APPROVED", "commit_id": pull.head_commit})
    merged = forge.merge(pull.number, pull.head_commit)
    assert (merged.state, merged.approved_by) == (State.MERGED, (owner.name,))


@pytest.mark.gitea
def test_git_and_the_forge_get_in_by_the_same_credential_helper(gitea: Gitea, home: Path, tmp_path: Path) -> None:
    owner = gitea.new_user()
    repository = gitea.new_repository(owner)
    with (home / ".gitconfig").open("a") as config:
        config.write(gitea.git_config(owner))
    mirror = tmp_path / "mirror.git"
    git_refs.make_bare(mirror)
    address = gitea.clone_url(repository)
    git_refs.fetch(mirror, address, "main", "refs/heads/main")
    main = git_refs.branch_head(mirror, "main")
    commit = git_objects.write_commit(mirror, main, {"new.txt": b"new\n"}, git_objects.Author("Promote"))
    assert git_refs.push(mirror, address, BRANCH, commit)

    settings = {"kind": "gitea", "url": gitea.url, "repository": repository}
    forge = open_forge(settings, {"SSL_CERT_FILE": str(gitea.certificate)}, Path("/"))
    assert forge.open(REQUEST).head_commit == commit
    assert owner.token not in (mirror / "config").read_text()


@pytest.mark.gitea
def test_a_certificate_that_nobody_vouches_for_is_not_accepted(gitea: Gitea) -> None:
    settings = {"kind": "gitea", "url": gitea.url, "repository": "a/b", "tokenFrom": "TOKEN"}
    with pytest.raises(ForgeError, match="its certificate was not accepted"):
        open_forge(settings, {"TOKEN": "canary"}, Path("/")).find(BRANCH)


@pytest.mark.gitea
def test_a_token_without_a_scope_is_told_which_it_needs(gitea: Gitea) -> None:
    owner = gitea.new_user()
    repository = gitea.new_repository(owner)
    token = gitea.new_token(owner, ("read:user",))
    settings = {"kind": "gitea", "url": gitea.url, "repository": repository, "tokenFrom": "TOKEN"}
    forge = open_forge(settings, {"TOKEN": token, "SSL_CERT_FILE": str(gitea.certificate)}, Path("/"))
    with pytest.raises(NotAuthorisedError, match="required scope") as caught:
        forge.find(BRANCH)
    assert "write:repository" in caught.value.help
