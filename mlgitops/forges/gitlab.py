"""GitLab, by its REST API (v4). A merge request's number is its ``iid``."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from mlgitops.errors import ForgeError
from mlgitops.forges import CommitState, NewPullRequest, PullRequest, State, TextLimits
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.client import Client
from mlgitops.forges.once import Comment, keep_oldest, missing, open_once, write_comment
from mlgitops.forges.text import cut, line

SCOPES = "the scope api and the role Developer"
SETTLE_TRIES = 20
SETTLE_PAUSE_SECONDS = 0.5

_STATES = {"opened": State.OPEN, "locked": State.OPEN, "closed": State.CLOSED, "merged": State.MERGED}
_STATUSES = {CommitState.FAILURE: "failed", CommitState.ERROR: "failed"}
_CHECKING = frozenset({"checking", "unchecked", "preparing", "approvals_syncing"})
_CONFLICTING = frozenset({"conflict", "need_rebase", "broken_status", "commits_status"})
_QUICK_ACTION = re.compile(r"((?:^|[\r\n\v\f\x85\u2028\u2029])[ \t>]*)/(?=[A-Za-z])")


def headers(token: str) -> dict[str, str]:
    """The headers that carry the token; of any kind, but for a job's."""
    return {"Authorization": f"Bearer {token}"}


def api(url: str) -> str:
    """Where the API is."""
    return f"{url}/api/v4"


def inert(text: str) -> str:
    """The text with lines such as ``/merge`` shown, not obeyed: GitLab would carry them out in our name."""
    return _QUICK_ACTION.sub(r"\1\/", text)


class GitLab:
    """One project."""

    limits = TextLimits(title=255, body=1_000_000, comment=1_000_000, description=255)

    def __init__(self, client: Client, repository: str, base: str) -> None:
        self._client = client
        self._base = base
        self._root = f"projects/{quote(repository, safe='')}"

    def find(self, branch: str) -> PullRequest | None:
        return self._find(branch, self._base)

    def open(self, request: NewPullRequest) -> PullRequest:
        number, is_new = open_once(
            lambda: self._create(request),
            lambda: self._find(request.branch, request.base),
        )
        if is_new:
            kept = keep_oldest(number, self._open_numbers(request.branch, request.base), self._withdraw)
            number, is_new = kept, kept == number
        if is_new:
            self._ask(number, request.reviewers)
        return self.pull_request(number)

    def update(
        self, number: int, title: str, body: str, labels: tuple[str, ...], reviewers: tuple[str, ...]
    ) -> PullRequest:
        text = {**self._text(title, body), "add_labels": _joined(labels)}
        self._client.send("PUT", self._pull(number), f"update merge request {number}", text, repeatable=True)
        self._ask(number, reviewers)
        return self.pull_request(number)

    def comment(self, number: int, marker: str, text: str) -> None:
        what = f"comment on merge request {number}"
        path = f"{self._pull(number)}/notes"
        write_comment(
            self._comments(path, what),
            (marker, inert(text), self.limits.comment),
            lambda body: self._client.send("POST", path, what, {"body": body}),
            lambda known, body: self._client.send("PUT", f"{path}/{known}", what, {"body": body}, repeatable=True),
        )

    def status(self, commit: str, context: str, state: CommitState, description: str, url: str) -> None:
        word = _STATUSES.get(state, state.value)
        body = {"state": word, "name": context, "description": line(description, self.limits.description)}
        what = f"set the status {context} of commit {commit[:12]}"
        path = f"{self._root}/statuses/{commit}"
        try:
            self._client.send("POST", path, what, body | ({"target_url": url} if url else {}), repeatable=True)
        except RefusedError as error:
            # GitLab refuses a change from a state to the same state.
            if error.status != 400 or self._status_of(commit, context) != word:
                raise

    def pull_request(self, number: int) -> PullRequest:
        what = f"read merge request {number}"
        pull = self._client.get(self._pull(number), what)
        approvals = self._client.get(f"{self._pull(number)}/approvals", f"read who approved of {number}")
        return _pull_request(pull, approvals)

    def merge(self, number: int, head_commit: str) -> PullRequest:
        self._settle(number)
        what = f"merge merge request {number}"
        self._client.send("PUT", f"{self._pull(number)}/merge", what, {"sha": head_commit, "squash": False})
        return self.pull_request(number)

    def _settle(self, number: int) -> None:
        """Waits for a while until GitLab has found out whether it can merge; it refuses before."""
        for _ in range(SETTLE_TRIES):
            pull = self._client.get(self._pull(number), f"read merge request {number}")
            if pull.get("detailed_merge_status") not in _CHECKING:
                return
            time.sleep(SETTLE_PAUSE_SECONDS)

    def _find(self, branch: str, base: str) -> PullRequest | None:
        numbers = self._open_numbers(branch, base)
        return self.pull_request(min(numbers)) if numbers else None

    def _open_numbers(self, branch: str, base: str) -> list[int]:
        query = {"state": "opened", "source_branch": branch, "target_branch": base}
        listed = self._client.pages(f"{self._root}/merge_requests", "list the merge requests", query)
        # A fork may have a branch of the same name.
        return [each["iid"] for each in listed if each["source_project_id"] == each["target_project_id"]]

    def _create(self, request: NewPullRequest) -> int:
        body = {
            **self._text(request.title, request.body),
            "source_branch": request.branch,
            "target_branch": request.base,
            "labels": _joined(request.labels),
            "remove_source_branch": False,
        }
        what = f"open a merge request for {request.branch}"
        return int(self._client.send("POST", f"{self._root}/merge_requests", what, body)["iid"])

    def _withdraw(self, number: int) -> None:
        what = f"withdraw merge request {number}, which another run was faster to open"
        self._client.send("PUT", self._pull(number), what, {"state_event": "close"}, repeatable=True)

    def _text(self, title: str, body: str) -> dict[str, str]:
        return {"title": line(title, self.limits.title), "description": cut(inert(body), self.limits.body)}

    def _ask(self, number: int, reviewers: tuple[str, ...]) -> None:
        """Adds reviewers. GitLab replaces the list as a whole; without a licence it keeps the first one only."""
        if not reviewers:
            return
        pull = self._client.get(self._pull(number), f"read merge request {number}")
        there = {user["username"]: user["id"] for user in pull["reviewers"]}
        asked = missing(reviewers, [*there, pull["author"]["username"]])
        if asked:
            ids = [*there.values(), *map(self._user_id, asked)]
            what = f"ask {', '.join(asked)} to review merge request {number}"
            self._client.send("PUT", self._pull(number), what, {"reviewer_ids": ids}, repeatable=True)

    def _user_id(self, name: str) -> int:
        found = self._client.get("users", f"look up the user {name}", {"username": name})
        if not found:
            raise ForgeError(f"GitLab knows no user {name}", help="Correct the reviewers: user names, without '@'.")
        return int(found[0]["id"])

    def _status_of(self, commit: str, context: str) -> str:
        path = f"{self._root}/repository/commits/{commit}/statuses"
        found = self._client.get(path, f"read the status {context} of commit {commit[:12]}", {"name": context})
        return str(found[0]["status"]) if found else ""

    def _comments(self, path: str, what: str) -> Iterator[Comment]:
        me = self._client.get("user", "read whose token it is")["id"]
        for each in self._client.pages(path, what, {"sort": "asc", "order_by": "created_at"}):
            is_ours = not each.get("system") and each["author"]["id"] == me
            yield Comment(str(each["id"]), each.get("body") or "", is_ours)

    def _pull(self, number: int) -> str:
        return f"{self._root}/merge_requests/{number}"


def _joined(labels: tuple[str, ...]) -> str:
    return ",".join(label.replace(",", " ") for label in labels)


def _pull_request(pull: Mapping[str, Any], approvals: Mapping[str, Any]) -> PullRequest:
    state = _STATES[pull["state"]]
    merged_as = pull.get("merge_commit_sha") or pull.get("squash_commit_sha") or pull.get("sha") or ""
    return PullRequest(
        number=pull["iid"],
        url=pull["web_url"],
        title=pull["title"],
        body=pull.get("description") or "",
        branch=pull["source_branch"],
        base=pull["target_branch"],
        head_commit=pull.get("sha") or "",
        state=state,
        mergeable=_mergeable(pull) if state is State.OPEN else None,
        approved_by=tuple(sorted(each["user"]["username"] for each in approvals.get("approved_by", ()))),
        labels=tuple(sorted(pull["labels"])),
        merge_commit=merged_as if state is State.MERGED else "",
        author=(pull.get("author") or {}).get("username", "ghost"),
        reviewers=tuple(sorted(user["username"] for user in pull.get("reviewers") or ())),
    )


def _mergeable(pull: Mapping[str, Any]) -> bool | None:
    word = pull.get("detailed_merge_status")
    if word in _CHECKING:
        return None
    return not pull.get("has_conflicts") and word not in _CONFLICTING
