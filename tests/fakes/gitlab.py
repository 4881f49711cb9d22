"""GitLab's REST API, as far as promotions need it. The shapes are those of its documentation (v4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.hub import ME, TOKEN, USERS, Comment, Hub, Pull, RefusedByHubError
from tests.fakes.server import FakeServer, Query, Route

REPOSITORY = "acme/ml/shop"


class FakeGitLab(FakeServer):
    """One GitLab with one project."""

    authorization = f"Bearer {TOKEN}"

    def __init__(self) -> None:
        super().__init__()
        self.hub = Hub()

    def routes(self) -> Sequence[Route]:
        root = "/api/v4/projects/acme%2Fml%2Fshop"
        pulls = f"{root}/merge_requests"
        return (
            ("GET", "/api/v4/user", lambda query, body: _user(ME)),
            ("GET", "/api/v4/users", self._users),
            ("GET", pulls, self._list),
            ("POST", pulls, self._open),
            ("GET", rf"{pulls}/(\d+)", self._get),
            ("PUT", rf"{pulls}/(\d+)", self._update),
            ("GET", rf"{pulls}/(\d+)/approvals", self._approvals),
            ("PUT", rf"{pulls}/(\d+)/merge", self._merge),
            ("GET", rf"{pulls}/(\d+)/notes", self._notes),
            ("POST", rf"{pulls}/(\d+)/notes", self._note),
            ("PUT", rf"{pulls}/(\d+)/notes/(\d+)", self._rewrite),
            ("POST", rf"{root}/statuses/([0-9a-f]+)", self._status),
            ("GET", rf"{root}/repository/commits/([0-9a-f]+)/statuses", self._statuses),
        )

    def _users(self, query: Query, body: Any) -> Any:
        return [_user(name) for name in USERS if name == query["username"]]

    def _list(self, query: Query, body: Any) -> Any:
        wanted = (query["source_branch"], query["target_branch"])
        return [self._shown(pull) for pull in self.hub.of("open") if (pull.branch, pull.base) == wanted]

    def _open(self, query: Query, body: Any) -> Any:
        taken = RefusedByHubError(409, "Another open merge request already exists for this source branch: !1")
        texts = (body["title"], body["description"], body["source_branch"], body["target_branch"])
        pull = self.hub.open(*texts, taken)
        self._add_labels(pull, body["labels"])
        return self._shown(pull)

    def _get(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        pull.checks += 1
        return self._shown(pull)

    def _update(self, number: str, query: Query, body: Any) -> Any:
        pull = self.hub.pull(int(number))
        pull.title = body.get("title", pull.title)
        pull.body = body.get("description", pull.body)
        pull.state = "closed" if body.get("state_event") == "close" else pull.state
        self._add_labels(pull, body.get("add_labels", ""))
        if "reviewer_ids" in body:
            pull.reviewers = [name for name, known in USERS.items() if known in body["reviewer_ids"]]
        return self._shown(pull)

    def _approvals(self, number: str, query: Query, body: Any) -> Any:
        approvals = self.hub.pull(int(number)).approvals
        return {"iid": int(number), "approved_by": [{"user": _user(who)} for who, _ in approvals]}

    def _merge(self, number: str, query: Query, body: Any) -> Any:
        return self._shown(self.hub.merge(int(number), body["sha"]))

    def _notes(self, number: str, query: Query, body: Any) -> Any:
        system = {"id": 1, "body": "requested review", "author": _user(ME), "system": True}
        return [system, *map(_note, self.hub.pull(int(number)).comments)]

    def _note(self, number: str, query: Query, body: Any) -> Any:
        return _note(self.hub.comment(int(number), ME, body["body"]))

    def _rewrite(self, number: str, note: str, query: Query, body: Any) -> Any:
        return _note(self.hub.rewrite(int(note), ME, body["body"]))

    def _status(self, commit: str, query: Query, body: Any) -> Any:
        known = self.hub.statuses.get(commit, {}).get(body["name"])
        if known and known[0] == body["state"]:
            raise RefusedByHubError(400, "Cannot transition status via :enqueue from :pending")
        self.hub.status(commit, body["name"], body["state"], body["description"], body.get("target_url", ""))
        return {"status": body["state"], "name": body["name"]}

    def _statuses(self, commit: str, query: Query, body: Any) -> Any:
        known = self.hub.statuses.get(commit, {})
        return [{"name": name, "status": known[name][0]} for name in known if name == query["name"]]

    def _add_labels(self, pull: Pull, labels: str) -> None:
        pull.labels += [name for name in labels.split(",") if name and name not in pull.labels]

    def _shown(self, pull: Pull) -> Any:
        conflict = pull.branch in self.hub.conflicting
        settled = "conflict" if conflict else "mergeable"
        return {
            "id": 7000 + pull.number,
            "iid": pull.number,
            "web_url": f"https://gitlab.example.com/{REPOSITORY}/-/merge_requests/{pull.number}",
            "state": {"open": "opened"}.get(pull.state, pull.state),
            "title": pull.title,
            "description": pull.body,
            "source_branch": pull.branch,
            "target_branch": pull.base,
            "source_project_id": 4 if pull.from_fork else 3,
            "target_project_id": 3,
            "sha": pull.head,
            "merge_commit_sha": pull.merge_commit or None,
            "squash_commit_sha": None,
            "author": _user(pull.author),
            "labels": pull.labels,
            "reviewers": [_user(name) for name in pull.reviewers],
            "has_conflicts": conflict and pull.checks > 1,
            "detailed_merge_status": "checking" if pull.checks <= 1 else settled,
        }


def _user(name: str) -> Any:
    return {"id": USERS[name], "username": name, "state": "active"}


def _note(comment: Comment) -> Any:
    return {"id": comment.id, "body": comment.body, "author": _user(comment.author), "system": False}
