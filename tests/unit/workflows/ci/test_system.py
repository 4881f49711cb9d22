from __future__ import annotations

import json
from typing import Any

import pytest

from mlgitops.workflows.ci.system import System, detect

HEAD = "a" * 40
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_REF": "refs/pull/12/merge",
    "GITHUB_BASE_REF": "main",
    "GITHUB_SERVER_URL": "https://git.example.com",
    "GITHUB_REPOSITORY": "acme/shop",
    "GITHUB_RUN_ID": "77",
    "GITHUB_STEP_SUMMARY": "/tmp/summary",
}
AZURE = {
    "TF_BUILD": "True",
    "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
    "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
    "SYSTEM_PULLREQUEST_SOURCECOMMITID": HEAD,
    "SYSTEM_COLLECTIONURI": "https://azure.example.com/acme/",
    "SYSTEM_TEAMPROJECT": "The Shop",
    "BUILD_BUILDID": "77",
}


def event(value: Any) -> str:
    return json.dumps({"pull_request": {"head": {"sha": value}}})


def test_github_tells_the_pull_request_and_its_last_commit_by_the_event() -> None:
    url = "https://git.example.com/acme/shop/actions/runs/77"
    assert detect(GITHUB, event(HEAD)) == System("github", 12, "origin/main", HEAD, url, "/tmp/summary")


@pytest.mark.parametrize("broken", ["", "no JSON", "[]", "{}", '{"pull_request": null}', event(7)])
def test_an_event_that_says_no_commit_leaves_it_unknown(broken: str) -> None:
    assert detect(GITHUB, broken).head == ""


def test_a_push_at_github_is_no_pull_request() -> None:
    pushed = {**GITHUB, "GITHUB_REF": "refs/heads/main", "GITHUB_BASE_REF": ""}
    found = detect(pushed)
    assert (found.pull_request, found.base) == (None, "")


def test_gitlab_tells_the_source_branchs_commit_and_not_that_of_a_merged_result() -> None:
    variables = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "12",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_COMMIT_SHA": "b" * 40,
        "CI_JOB_URL": "https://gitlab.example.com/acme/shop/-/jobs/7",
    }
    assert detect(variables).head == "b" * 40
    found = detect({**variables, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD})
    assert found == System("gitlab", 12, "origin/main", HEAD, variables["CI_JOB_URL"])


def test_azure_tells_the_branch_without_what_git_puts_before_it() -> None:
    url = "https://azure.example.com/acme/The%20Shop/_build/results?buildId=77"
    assert detect(AZURE) == System("azure", 12, "origin/main", HEAD, url)


def test_azure_tells_githubs_own_number_of_a_pull_request_of_github() -> None:
    there = {**AZURE, "BUILD_REPOSITORY_PROVIDER": "GitHub", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "3"}
    assert detect(there).pull_request == 3


def test_jenkins_does_not_know_the_last_commit() -> None:
    variables = {"JENKINS_URL": "https://ci", "CHANGE_ID": "12", "CHANGE_TARGET": "main", "BUILD_URL": "https://ci/7"}
    assert detect({**variables, "GIT_COMMIT": HEAD}) == System("jenkins", 12, "origin/main", "", "https://ci/7")


@pytest.mark.parametrize("number", ["", "0", "-1", "12; rm", "1" * 11, "one"])
def test_what_is_no_number_is_no_pull_request(number: str) -> None:
    assert detect({**AZURE, "SYSTEM_PULLREQUEST_PULLREQUESTID": number}).pull_request is None


def test_without_any_of_their_variables_nothing_is_known() -> None:
    assert detect({"CI": "true", "PATH": "/bin"}) == System()
