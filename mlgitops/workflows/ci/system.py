"""Which system of continuous integration this runs in, and what its variables say. Pure: they are passed in.

Sources: "Default environment variables" of GitHub Actions, "Predefined CI/CD variables" of GitLab, "Use predefined
variables" of Azure Pipelines, and "Pipeline as code" of Jenkins' multibranch projects, in the vendors' documentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class System:
    """One run of a job. What is empty or None is not known there.

    ``name`` is github, gitlab, azure, jenkins or empty. ``pull_request`` is its number at the forge, ``base`` the ref
    that it is to go into, ``head`` its last commit, ``url`` where a person reads the log, and ``summary`` the file that
    the system shows beside it.
    """

    name: str = ""
    pull_request: int | None = None
    base: str = ""
    head: str = ""
    url: str = ""
    summary: str = ""


def detect(variables: Mapping[str, str], event: str = "") -> System:
    """The system that set these environment variables; ``event`` is the file of GITHUB_EVENT_PATH, as JSON."""
    if variables.get("GITHUB_ACTIONS") == "true":
        return _github(variables, event)
    if variables.get("GITLAB_CI") == "true":
        return _gitlab(variables)
    if variables.get("TF_BUILD", "").lower() == "true":
        return _azure(variables)
    return _jenkins(variables) if variables.get("JENKINS_URL") else System()


def _github(variables: Mapping[str, str], event: str) -> System:
    """Gitea and Forgejo set the same. There HEAD is a merge that nobody pushed, so that the event says the commit."""
    number = re.fullmatch(r"refs/pull/(\d+)/(?:merge|head)", variables.get("GITHUB_REF", ""))
    run = [variables.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return System(
        name="github",
        pull_request=int(number[1]) if number else None,
        base=_remote(variables.get("GITHUB_BASE_REF", "")),
        head=_head_of(event),
        url=f"{run[0]}/{run[1]}/actions/runs/{run[2]}" if all(run) else "",
        summary=variables.get("GITHUB_STEP_SUMMARY", ""),
    )


def _head_of(event: str) -> str:
    try:
        found = json.loads(event)["pull_request"]["head"]["sha"]
    except (ValueError, LookupError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def _gitlab(variables: Mapping[str, str]) -> System:
    """Of a merged result, CI_COMMIT_SHA is a commit that nobody pushed; the other variable is empty without one."""
    return System(
        name="gitlab",
        pull_request=_number(variables.get("CI_MERGE_REQUEST_IID", "")),
        base=_remote(variables.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")),
        head=variables.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or variables.get("CI_COMMIT_SHA", ""),
        url=variables.get("CI_JOB_URL", ""),
    )


def _azure(variables: Mapping[str, str]) -> System:
    """Azure numbers pull requests of GitHub's repositories itself, too, and says GitHub's number beside that."""
    elsewhere = variables.get("BUILD_REPOSITORY_PROVIDER") == "GitHub"
    number = variables.get("SYSTEM_PULLREQUEST_PULLREQUEST" + ("NUMBER" if elsewhere else "ID"), "")
    place, project = variables.get("SYSTEM_COLLECTIONURI", ""), variables.get("SYSTEM_TEAMPROJECT", "")
    build = variables.get("BUILD_BUILDID", "")
    known = place and project and build
    return System(
        name="azure",
        pull_request=_number(number),
        base=_remote(variables.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "")),
        head=variables.get("SYSTEM_PULLREQUEST_SOURCECOMMITID", ""),
        url=f"{place.rstrip('/')}/{quote(project)}/_build/results?buildId={build}" if known else "",
    )


def _jenkins(variables: Mapping[str, str]) -> System:
    """GIT_COMMIT may be a merge that Jenkins made, so that the forge is asked for the pull request's last commit."""
    return System(
        name="jenkins",
        pull_request=_number(variables.get("CHANGE_ID", "")),
        base=_remote(variables.get("CHANGE_TARGET", "")),
        url=variables.get("RUN_DISPLAY_URL") or variables.get("BUILD_URL", ""),
    )


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9]\d{0,9}", text) else None


def _remote(branch: str) -> str:
    """Where a checkout keeps a branch of the forge; empty for none."""
    name = branch.removeprefix("refs/heads/")
    return f"origin/{name}" if name else ""
