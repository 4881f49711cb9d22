"""Azure DevOps' Git REST API, as far as promotions need it. The shapes are those of its documentation (7.1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tests.fakes.hub import ME, TOKEN, USERS, Hub, Pull, RefusedByHubError
from tests.fakes.server import FakeServer, Query, Route

REPOSITORY = "acme/ml/shop"
HEADS = "refs/heads/"


class FakeAzureDevOps(FakeServer):
    """One Azure DevOps Server with one repository. A merge is done some time after it was asked for."""

    authorization = f"Basic {base64.b64encode(f':{TOKEN}'.encode()).decode()}"

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub()
        self.merging: dict[int, str] = {}
        self.pull_statuses: dict[int, list[Any]] = {}

    def problem(self, status: int, words: str) -> Any:
        return {"$id": "1", "message": words, "typeKey": "GitException", "errorCode": 0, "eventId": 3000}

    def routes(self) -> Sequence[Route]:
        root = "/acme/ml/_apis/git/repositories/shop"
        pull = rf"{root}/pullRequests/(\d+)"
        return (
            ("GET", "/acme/_apis/connectionData", lambda query, body: {"authenticatedUser": {"id": _identity(ME)}}),
            ("GET", "/acme/_apis/identities", self._identities),
            ("GET", f"{root}/pullrequests", self._list),
            ("POST", f"{root}/pullrequests", self._open),
            ("GET", pull, self._get),
            ("PATCH", pull, self._update),
            ("GET", f"{pull}/labels", self._labels),
            ("POST", f"{pull}/labels", self._label),
            ("PUT", f"{pull}/reviewers/([-0-9a-f]+)", self._ask),
            ("GET", f"{pull}/iterations", self._iterations),
            ("POST", f"{pull}/statuses", self._pull_status),
            ("GET", f"{pull}/threads", self._threads),
            ("POST", f"{pull}/threads", self._start_thread),
            ("PATCH", rf"{pull}/threads/(\d+)/comments/(\d+)", self._rewrite),
            ("POST", rf"{root}/commits/([0-9a-f]+)/statuses", self._status),
        )

    def _identities(self, query: Query, body: Any) -> Any:
        return _values([_user(name) for name in USERS if name == query["filterValue"]])

    def _list(self, query: Query, body: Any) -> Any:
        branch, base = query.get("searchCriteria.sourceRefName"), query["searchCriteria.targetRefName"]
        pulls = [pull for pull in self.hub.of("open") if HEADS + pull.base == base]
        wanted = [pull for pull in pulls if branch in (None, HEADS + pull.branch)]
        skip = int(query["$skip"])
        return _values([_shown(pull) for pull in wanted[skip : skip + int(query["$top"])]])

    def _open(self, query: Query, body: Any) -> Any:
        words = "TF401179: An active pull request for the source and target branch already exists."
        branch, base = body["sourceRefName"].removeprefix(HEADS), body["targetRefName"].removeprefix(HEADS)
        return _shown(self.hub.open(body["title"], body["description"], branch, base, RefusedByHubError(409, words)))

    def _get(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        pull.checks += 1
        if pull.number in self.merging and pull.branch not in self.hub.conflicting:
            self.hub.merge(pull.number, self.merging.pop(pull.number))
        return {**_shown(pull), "mergeStatus": self._merge_status(pull)}

    def _update(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        if body.get("status") == "completed":
            if body["lastMergeSourceCommit"]["commitId"] != pull.head:
                raise RefusedByHubError(409, "TF401192: The pull request was updated since you last looked at it.")
            self.merging[pull.number] = pull.head
        else:
            pull.title, pull.body = body["title"], body["description"]
        return _shown(pull)

    def _labels(self, number: str, query: Query, body: Any) -> Any:
        return _values([{"name": name, "active": True} for name in self.hub.pull(int(number)).labels])

    def _label(self, number: str, query: Query, body: Any) -> Any:
        self.hub.pull(int(number)).labels.append(body["name"])
        return {"name": body["name"], "active": True}

    def _ask(self, number: str, identity: str, query: Query, body: Any) -> Any:
        name = next(name for name in USERS if _identity(name) == identity)
        self.hub.pull(int(number)).reviewers.append(name)
        return {**_user(name), "vote": 0}

    def _iterations(self, number: str, query: Query, body: Any) -> Any:
        head = self.hub.pull(int(number)).head
        return _values(
            [{"id": each, "sourceRefCommit": {"commitId": head if each == 2 else "0" * 40}} for each in (1, 2)]
        )

    def _pull_status(self, number: str, query: Query, body: Any) -> Any:
        self.pull_statuses.setdefault(int(number), []).append(body)
        return body

    def _threads(self, number: str, query: Query, body: Any) -> Any:
        comments = self.hub.pull(int(number)).comments
        return _values([_thread_of(each.id, each.author, each.body) for each in comments])

    def _start_thread(self, number: str, query: Query, body: Any) -> Any:
        comment = self.hub.comment(int(number), ME, body["comments"][0]["content"])
        return _thread_of(comment.id, comment.author, comment.body)

    def _rewrite(self, number: str, thread: str, comment: str, query: Query, body: Any) -> Any:
        rewritten = self.hub.rewrite(int(thread), ME, body["content"])
        return {"id": int(comment), "content": rewritten.body}

    def _status(self, commit: str, query: Query, body: Any) -> Any:
        context = body["context"]["name"]
        self.hub.status(commit, context, body["state"], body["description"], body.get("targetUrl", ""))
        return {"state": body["state"], "context": body["context"]}

    def _merge_status(self, pull: Pull) -> str:
        if pull.branch in self.hub.conflicting:
            return "conflicts"
        return "queued" if pull.checks == 1 else "succeeded"


def _values(items: list[Any]) -> Any:
    return {"value": items, "count": len(items)}


def _identity(name: str) -> str:
    return str(UUID(int=USERS[name]))


def _user(name: str) -> Any:
    return {"id": _identity(name), "uniqueName": name, "displayName": name.title()}


def _thread_of(number: int, author: str, content: str) -> Any:
    comment = {"id": 1, "author": _user(author), "content": content, "commentType": "text"}
    return {"id": number, "comments": [comment], "status": "closed"}


def _shown(pull: Pull) -> Any:
    votes = {who: 10 for who, commit in pull.approvals if commit == pull.head}
    names = [*pull.reviewers, *(who for who in votes if who not in pull.reviewers)]
    return {
        "pullRequestId": pull.number,
        "status": {"open": "active", "merged": "completed", "closed": "abandoned"}[pull.state],
        "title": pull.title,
        "description": pull.body,
        "sourceRefName": HEADS + pull.branch,
        "targetRefName": HEADS + pull.base,
        "lastMergeSourceCommit": {"commitId": pull.head},
        "lastMergeCommit": {"commitId": pull.merge_commit or "e" * 40},
        "createdBy": _user(pull.author),
        "reviewers": [{**_user(name), "vote": votes.get(name, 0)} for name in names],
        **({"forkSource": {"repository": {"id": "2"}}} if pull.from_fork else {}),
    }
