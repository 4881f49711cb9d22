"""Azure DevOps Services and Server, by their Git REST API (version 7.1)."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mlgitops.errors import ForgeError
from mlgitops.forges import CommitState, NewPullRequest, PullRequest, State, TextLimits
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.client import PAGES, Client
from mlgitops.forges.once import Comment, missing, open_once, write_comment
from mlgitops.forges.text import cut, line

SCOPES = "'Code' read and write, 'Code' status and 'Identity' read"
VERSION = "7.1"
PAGE_SIZE = 100
GENRE = "mlgitops"
APPROVED = 5
"""Votes: 10 approved, 5 approved with suggestions, 0 none, -5 waits for the author, -10 rejected."""
COMPLETE_TRIES = 60
COMPLETE_PAUSE_SECONDS = 0.5

_HEADS = "refs/heads/"
_STATES = {"active": State.OPEN, "completed": State.MERGED, "abandoned": State.CLOSED}
_STATUSES = {CommitState.SUCCESS: "succeeded", CommitState.FAILURE: "failed"}
_MERGEABLE = {"succeeded": True, "rejectedByPolicy": True, "conflicts": False, "failure": False}
_IDENTITY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def headers(token: str) -> dict[str, str]:
    """The headers that carry the token, a personal one or a pipeline's System.AccessToken."""
    return {"Authorization": f"Basic {base64.b64encode(f':{token}'.encode()).decode()}"}


def api(url: str) -> str:
    """Where the API is."""
    return url


class AzureDevOps:
    """One repository, ``organisation/project/repository``.

    ``identities`` speaks to where users are looked up, which is another host of Microsoft's for the cloud service.
    """

    limits = TextLimits(title=400, body=4_000, comment=150_000, description=400)

    def __init__(self, client: Client, identities: Client, repository: str, base: str) -> None:
        organisation, project, name = (quote(part) for part in repository.split("/"))
        self._client = client
        self._identities = identities
        self._base = base
        self._organisation = organisation
        self._root = f"{organisation}/{project}/_apis/git/repositories/{name}"
        self._web = f"{client.root}/{organisation}/{project}/_git/{name}"

    def find(self, branch: str) -> PullRequest | None:
        return self._find(branch, self._base)

    def open(self, request: NewPullRequest) -> PullRequest:
        number, is_new = open_once(
            lambda: self._create(request),
            lambda: self._find(request.branch, request.base),
        )
        if is_new:
            self._add(self.pull_request(number), request.labels, request.reviewers)
        return self.pull_request(number)

    def update(
        self, number: int, title: str, body: str, labels: tuple[str, ...], reviewers: tuple[str, ...]
    ) -> PullRequest:
        self._send("PATCH", self._pull(number), f"update pull request {number}", self._text(title, body), True)
        self._add(self.pull_request(number), labels, reviewers)
        return self.pull_request(number)

    def comment(self, number: int, marker: str, text: str) -> None:
        what = f"comment on pull request {number}"
        threads = f"{self._pull(number)}/threads"
        write_comment(
            self._comments(threads, what),
            (marker, text, self.limits.comment),
            # Closed from the start: a policy may ask that every open thread is answered before a merge.
            lambda body: self._send("POST", threads, what, {"comments": [_first_comment(body)], "status": "closed"}),
            lambda known, body: self._send("PATCH", f"{threads}/{known}", what, {"content": body}, True),
        )

    def status(self, commit: str, context: str, state: CommitState, description: str, url: str) -> None:
        body = {
            "state": _STATUSES.get(state, state.value),
            "description": line(description, self.limits.description),
            "context": {"name": context, "genre": GENRE},
            **({"targetUrl": url} if url else {}),
        }
        what = f"set the status {context} of commit {commit[:12]}"
        self._send("POST", f"{self._root}/commits/{commit}/statuses", what, body, True)
        # A branch policy looks at statuses of pull requests alone; one of an iteration ends with the next push.
        for number in self._numbers({"status": "active", "targetRefName": _HEADS + self._base}, commit):
            for iteration in self._iterations(number, commit):
                path = f"{self._pull(number)}/statuses"
                self._send("POST", path, what, body | {"iterationId": iteration}, True)

    def pull_request(self, number: int) -> PullRequest:
        pull = self._get(self._pull(number), f"read pull request {number}")
        labels = self._get(f"{self._pull(number)}/labels", f"read the labels of {number}")["value"]
        return _pull_request(pull, labels, f"{self._web}/pullrequest/{number}")

    def merge(self, number: int, head_commit: str) -> PullRequest:
        body = {
            "status": "completed",
            "lastMergeSourceCommit": {"commitId": head_commit},
            "completionOptions": {"mergeStrategy": "noFastForward", "deleteSourceBranch": False},
        }
        self._send("PATCH", self._pull(number), f"merge pull request {number}", body)
        for _ in range(COMPLETE_TRIES):  # it answers before it has merged
            pull = self._get(self._pull(number), f"read pull request {number}")
            if pull["status"] == "completed":
                return self.pull_request(number)
            if pull.get("mergeStatus") in ("conflicts", "rejectedByPolicy", "failure"):
                raise RefusedError(
                    f"Azure DevOps did not merge pull request {number}: {pull['mergeStatus']}",
                    409,
                    pull["mergeStatus"],
                    help="Look at the pull request there: it may conflict, or a policy is in the way.",
                )
            time.sleep(COMPLETE_PAUSE_SECONDS)
        raise ForgeError(
            f"Azure DevOps has not merged pull request {number} yet", help="Look there; a policy may wait."
        )

    def _find(self, branch: str, base: str) -> PullRequest | None:
        wanted = {"status": "active", "sourceRefName": _HEADS + branch, "targetRefName": _HEADS + base}
        numbers = self._numbers(wanted)
        return self.pull_request(min(numbers)) if numbers else None

    def _numbers(self, criteria: Mapping[str, str], commit: str = "") -> list[int]:
        """The pull requests that meet the criteria, are not from a fork, and (if given) are at that commit."""
        found: list[int] = []
        query = {f"searchCriteria.{name}": value for name, value in criteria.items()}
        for page in range(PAGES):
            paging = {"$top": PAGE_SIZE, "$skip": page * PAGE_SIZE}
            listed = self._get(f"{self._root}/pullrequests", "list the pull requests", query | paging)["value"]
            own = (pull for pull in listed if not pull.get("forkSource"))
            found += [pull["pullRequestId"] for pull in own if not commit or _head(pull) == commit]
            if len(listed) < PAGE_SIZE:
                return found
        raise ForgeError(
            f"could not list the pull requests: there are more than {PAGES * PAGE_SIZE} open",
            help="Close those that nobody needs, then run this again.",
        )

    def _iterations(self, number: int, commit: str) -> list[int]:
        """The latest iteration of a pull request, if it is at that commit."""
        listed = self._get(f"{self._pull(number)}/iterations", f"read the pushes to pull request {number}")["value"]
        latest = max(listed, key=lambda each: int(each["id"]), default=None)
        at = latest and (latest.get("sourceRefCommit") or {}).get("commitId")
        return [int(latest["id"])] if latest and at == commit else []

    def _create(self, request: NewPullRequest) -> int:
        body = {
            **self._text(request.title, request.body),
            "sourceRefName": _HEADS + request.branch,
            "targetRefName": _HEADS + request.base,
        }
        what = f"open a pull request for {request.branch}"
        return int(self._send("POST", f"{self._root}/pullrequests", what, body)["pullRequestId"])

    def _text(self, title: str, body: str) -> dict[str, str]:
        return {"title": line(title, self.limits.title), "description": cut(body, self.limits.body)}

    def _add(self, pull: PullRequest, labels: tuple[str, ...], reviewers: tuple[str, ...]) -> None:
        for label in missing(labels, pull.labels):
            what = f"label pull request {pull.number}"
            self._send("POST", f"{self._pull(pull.number)}/labels", what, {"name": label}, True)
        for name in missing(reviewers, [*pull.reviewers, pull.author]):
            identity = self._identity(name)
            path = f"{self._pull(pull.number)}/reviewers/{identity}"
            what = f"ask {name} to review pull request {pull.number}"
            self._send("PUT", path, what, {"id": identity, "vote": 0}, True)

    def _identity(self, name: str) -> str:
        """The identity of a user or group; a name may be one already. Raises ``ForgeError`` for nobody or several."""
        if _IDENTITY.fullmatch(name):
            return name
        query = {"searchFilter": "General", "filterValue": name, "api-version": VERSION}
        path = f"{self._organisation}/_apis/identities"
        found = self._identities.get(path, f"look up the user {name}", query)["value"]
        if len(found) != 1:
            raise ForgeError(
                f"Azure DevOps knows {len(found) or 'no'} users {name}", help="Write a reviewer's e-mail address or id."
            )
        return str(found[0]["id"])

    def _comments(self, threads: str, what: str) -> Iterator[Comment]:
        me = self._whoami()
        for thread in self._get(threads, what)["value"]:
            for each in thread.get("comments") or ():
                is_ours = (each.get("author") or {}).get("id") == me and not each.get("isDeleted")
                yield Comment(f"{thread['id']}/comments/{each['id']}", each.get("content") or "", is_ours)

    def _whoami(self) -> str:
        path = f"{self._organisation}/_apis/connectionData"
        answer = self._client.get(path, "read whose token it is", {"api-version": f"{VERSION}-preview"})
        return str(answer["authenticatedUser"]["id"])

    def _pull(self, number: int) -> str:
        return f"{self._root}/pullRequests/{number}"

    def _get(self, path: str, what: str, query: Mapping[str, Any] | None = None) -> Any:
        return self._client.get(path, what, {**(query or {}), "api-version": VERSION})

    def _send(self, method: str, path: str, what: str, body: Mapping[str, Any], repeatable: bool = False) -> Any:
        return self._client.send(method, f"{path}?api-version={VERSION}", what, body, repeatable)


def _first_comment(body: str) -> dict[str, Any]:
    return {"parentCommentId": 0, "content": body, "commentType": "text"}


def _head(pull: Mapping[str, Any]) -> str:
    return str((pull.get("lastMergeSourceCommit") or {}).get("commitId", ""))


def _name(identity: Mapping[str, Any]) -> str:
    return str(identity.get("uniqueName") or identity.get("displayName") or identity["id"])


def _pull_request(pull: Mapping[str, Any], labels: list[Mapping[str, Any]], url: str) -> PullRequest:
    state = _STATES[pull["status"]]
    reviewers = pull.get("reviewers") or ()
    people = [each for each in reviewers if not each.get("isContainer")]  # a group approves by its members
    merged_as = (pull.get("lastMergeCommit") or {}).get("commitId", "")
    return PullRequest(
        number=pull["pullRequestId"],
        url=url,
        title=pull["title"],
        body=pull.get("description") or "",
        branch=pull["sourceRefName"].removeprefix(_HEADS),
        base=pull["targetRefName"].removeprefix(_HEADS),
        head_commit=_head(pull),
        state=state,
        mergeable=_MERGEABLE.get(pull.get("mergeStatus", "")) if state is State.OPEN else None,
        approved_by=tuple(sorted(_name(each) for each in people if each["vote"] >= APPROVED)),
        labels=tuple(sorted(label["name"] for label in labels if label.get("active", True))),
        merge_commit=merged_as if state is State.MERGED else "",
        author=_name(pull["createdBy"]),
        reviewers=tuple(sorted(map(_name, reviewers))),
    )
