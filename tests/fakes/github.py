"""GitHub's REST API, as far as promotions need it. The shapes are those of its documentation (2022-11-28)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.hub import ME, TOKEN, USERS, Comment, Hub, Pull, RefusedByHubError
from tests.fakes.server import FakeServer, Query, Route

REPOSITORY = "acme/shop"


class FakeGitHub(FakeServer):
    """One GitHub Enterprise Server with one repository."""

    authorization = f"Bearer {TOKEN}"

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub()
        self.is_app = False
        self.ignores_filters = False

    def problem(self, status: int, words: str) -> Any:
        if status == 422:
            error = {"resource": "PullRequest", "code": "custom", "message": words}
            return {"message": "Validation Failed", "errors": [error], "status": "422"}
        return {"message": words, "documentation_url": "https://docs.github.com/rest", "status": str(status)}

    def routes(self) -> Sequence[Route]:
        root = f"/api/v3/repos/{REPOSITORY}"
        return (
            ("GET", "/api/v3/user", self._user),
            ("GET", f"{root}/pulls", self._list),
            ("POST", f"{root}/pulls", self._open),
            ("GET", rf"{root}/pulls/(\d+)", self._get),
            ("PATCH", rf"{root}/pulls/(\d+)", self._update),
            ("GET", rf"{root}/pulls/(\d+)/reviews", self._reviews),
            ("POST", rf"{root}/pulls/(\d+)/requested_reviewers", self._ask),
            ("PUT", rf"{root}/pulls/(\d+)/merge", self._merge),
            ("GET", rf"{root}/issues/(\d+)/comments", self._comments),
            ("POST", rf"{root}/issues/(\d+)/comments", self._comment),
            ("PATCH", rf"{root}/issues/comments/(\d+)", self._rewrite),
            ("POST", rf"{root}/issues/(\d+)/labels", self._label),
            ("POST", rf"{root}/statuses/([0-9a-f]+)", self._status),
        )

    def _user(self, query: Query, body: Any) -> Any:
        if self.is_app:
            raise RefusedByHubError(403, "Resource not accessible by integration")
        return _user(ME)

    def _list(self, query: Query, body: Any) -> Any:
        branch = query["head"].removeprefix("acme:")
        pulls = [pull for pull in self.hub.pulls if (pull.state == "open") == (query["state"] == "open")]
        own = [pull for pull in pulls if pull.branch == branch and pull.base == query["base"]]
        return [_shown(pull) for pull in (pulls if self.ignores_filters else own)]

    def _open(self, query: Query, body: Any) -> Any:
        taken = RefusedByHubError(422, f"A pull request already exists for acme:{body['head']}.")
        return _shown(self.hub.open(body["title"], body["body"], body["head"], body["base"], taken))

    def _get(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        pull.checks += 1  # it finds out whether one can be merged only once somebody asks
        settled = None if pull.checks == 1 else pull.branch not in self.hub.conflicting
        return {**_shown(pull), "mergeable": settled, "merged": pull.state == "merged"}

    def _update(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        pull.title, pull.body = body["title"], body["body"]
        return _shown(pull)

    def _reviews(self, number: str, query: Query, body: Any) -> Any:
        approvals = self.hub.pull(int(number)).approvals
        states = [(who, commit, "APPROVED") for who, commit in approvals]
        # A remark after the approval, which takes nothing back.
        states += [(who, commit, "COMMENTED") for who, commit in approvals]
        return [{"user": _user(who), "state": state, "commit_id": commit} for who, commit, state in states]

    def _ask(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        self.hub.require_users(body["reviewers"])
        pull.reviewers += [name for name in body["reviewers"] if name not in pull.reviewers]
        return _shown(pull)

    def _merge(self, number: str, query: Query, body: Any) -> Any:
        return {"sha": self.hub.merge(int(number), body["sha"]).merge_commit, "merged": True}

    def _comments(self, number: str, query: Query, body: Any) -> Any:
        return [self._comment_shown(comment) for comment in self.hub.pull(int(number)).comments]

    def _comment(self, number: str, query: Query, body: Any) -> Any:
        return self._comment_shown(self.hub.comment(int(number), ME, body["body"]))

    def _rewrite(self, comment: str, query: Query, body: Any) -> Any:
        return self._comment_shown(self.hub.rewrite(int(comment), ME, body["body"]))

    def _label(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        pull.labels += [name for name in body["labels"] if name not in pull.labels]
        return [{"name": name} for name in pull.labels]

    def _status(self, commit: str, query: Query, body: Any) -> Any:
        self.hub.status(commit, body["context"], body["state"], body["description"], body.get("target_url", ""))
        return {"state": body["state"], "context": body["context"]}

    def _comment_shown(self, comment: Comment) -> Any:
        kind = "Bot" if self.is_app and comment.author == ME else "User"
        return {"id": comment.id, "user": {**_user(comment.author), "type": kind}, "body": comment.body}


def _user(name: str) -> Any:
    return {"login": name, "id": USERS[name], "type": "User"}


def _shown(pull: Pull) -> Any:
    home = {"id": 1, "full_name": REPOSITORY}
    fork = {"id": 2, "full_name": "mallory/shop"}
    return {
        "number": pull.number,
        "html_url": f"https://github.example.com/{REPOSITORY}/pull/{pull.number}",
        "state": "open" if pull.state == "open" else "closed",
        "title": pull.title,
        "body": pull.body or None,
        "user": _user(pull.author),
        "labels": [{"name": name} for name in pull.labels],
        "requested_reviewers": [_user(name) for name in pull.reviewers],
        "requested_teams": [],
        "head": {"ref": pull.branch, "sha": pull.head, "repo": fork if pull.from_fork else home},
        "base": {"ref": pull.base, "sha": "0" * 40, "repo": home},
        "merged_at": "2026-01-01T00:00:00Z" if pull.state == "merged" else None,
        # Before a merge, GitHub has a trial merge's commit here.
        "merge_commit_sha": pull.merge_commit or "e" * 40,
    }
